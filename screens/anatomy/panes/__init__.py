"""The panes of an image taken apart, one module each."""
