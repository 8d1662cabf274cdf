"""One migration: its phases, in order."""
