"""Move a live PostgreSQL or TimescaleDB database to TimescaleDB."""

__version__ = "0.1.0"
