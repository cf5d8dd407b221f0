"""The image mode."""
