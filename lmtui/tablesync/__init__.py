"""Copies of single tables, each as of its own place of the stream."""
