"""Remedies: previewed as exact SQL, applied on consent, put back by clean."""
