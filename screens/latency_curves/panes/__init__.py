"""The parts of two load tests over each other: the curves, and the percentiles that people ask for."""
