"""Runs scenario tests: a test's steps in event time on the simulated exchange, and what it expects of them."""
