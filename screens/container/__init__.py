"""The container mode."""
