"""Finds what is to be compared, in the history, in the store and in files, and hands it to `measure.compare`."""
