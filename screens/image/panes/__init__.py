"""The panes of the image mode, one module each."""
