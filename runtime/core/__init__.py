"""The engine's core: the sequencer, its records and the outbox."""
