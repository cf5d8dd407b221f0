"""The panes of the GPU mode."""
