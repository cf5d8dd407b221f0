"""The parts of two builds beside each other: their steps."""
