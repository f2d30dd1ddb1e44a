"""rulec: rules that a trader can read aloud, compiled and run at Interactive Brokers.

`rulec.dsl` turns text into a plan, `rulec.runtime` turns a plan and events into orders, `rulec.cli` is the command.
Importing this package imports none of them.
"""
