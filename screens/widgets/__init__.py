"""Widgets that more than one screen shows, or that draw something of their own."""
