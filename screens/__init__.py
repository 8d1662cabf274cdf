"""The terminal interface over the engine."""

import os

# Textual reads it when it is imported. 30 is enough for the eye and halves what goes over SSH.
os.environ.setdefault("TEXTUAL_FPS", "30")
