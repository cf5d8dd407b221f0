"""What is timed from outside: latency at a fixed rate, start-up, and the pull of an image."""
