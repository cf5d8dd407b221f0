"""The world, one file per thing we read. The only files that import docker, psutil and pynvml."""
