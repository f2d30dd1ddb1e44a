"""What happens: the seed's events and their bus, and the sequencer's inputs."""
