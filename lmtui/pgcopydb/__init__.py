"""Driving pgcopydb for the initial copy."""
