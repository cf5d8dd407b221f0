"""Profilers: one file or folder each, behind the protocol of `base`."""
