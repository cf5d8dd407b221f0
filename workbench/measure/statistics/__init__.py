"""Statistics that carry a verdict: rank tests, intervals of medians, what autocorrelated readings are worth, noise."""
