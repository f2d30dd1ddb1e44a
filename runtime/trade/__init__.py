"""The trade machine: entry, protection, adding, closing and conclusion of one linked trade, as a state machine."""
