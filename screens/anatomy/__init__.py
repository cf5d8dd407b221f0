"""One image taken apart: its files, findings, packages, duplicates and a map of it."""
