"""The engine: containers, images, profiles and numbers, and nothing of terminals."""

__version__ = "0.1.0"
