"""The command line: one file a command, thin; each parses its arguments, calls, and prints."""
