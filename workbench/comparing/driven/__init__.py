"""A comparison that measures both sides itself, in turns, and goes on where it ended."""
