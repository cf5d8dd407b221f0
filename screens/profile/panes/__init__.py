"""The panes of a profile."""
