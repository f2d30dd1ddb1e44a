"""What people see of a run: a line a record, and a live screen on a terminal."""
