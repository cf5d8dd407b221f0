"""The panes of the container mode, one module each."""
