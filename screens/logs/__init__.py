"""What a container wrote, on top of the container mode."""
