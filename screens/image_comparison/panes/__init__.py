"""The panes of two images side by side, one module each."""
