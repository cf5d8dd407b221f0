"""The steps of two builds beside each other."""
