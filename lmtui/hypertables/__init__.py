"""Plain tables of the source that become hypertables on the target."""
