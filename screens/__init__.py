"""The terminal interface over the engine."""
