"""Plan and events in, decisions and orders out: everything that runs while rules trade."""
