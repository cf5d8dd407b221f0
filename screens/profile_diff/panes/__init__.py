"""The panes of two profiles compared."""
