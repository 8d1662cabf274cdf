"""Replay: stream, decode, route, batch, apply."""
