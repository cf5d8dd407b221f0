"""Every stored run, and how the figures of its target went over time."""
