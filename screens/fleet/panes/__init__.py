"""The panes of the fleet mode, one module each."""
