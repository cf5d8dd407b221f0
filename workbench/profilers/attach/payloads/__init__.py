"""Code that runs inside of targets, read as text. The standard library of Python 3.6 and nothing else."""
