"""Throw-away servers with a database that looks real and is being written to."""
