"""The fleet mode."""
