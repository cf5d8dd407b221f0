"""The checks of an image, one module each."""
