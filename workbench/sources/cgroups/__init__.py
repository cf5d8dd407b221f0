"""The kernel's own accounting of containers: where it is found, and its files read into counters."""
