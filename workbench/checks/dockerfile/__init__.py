"""The checks of a Dockerfile, one module each."""
