"""The latency of two load tests as curves over each other."""
