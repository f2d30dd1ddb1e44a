"""The gate: which orders that open shares may leave, and the reasons for those that may not."""
