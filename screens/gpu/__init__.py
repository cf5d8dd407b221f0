"""GPU: every device, its slices, and whose processes use it."""
