"""The panes of the log screen, one module each."""
