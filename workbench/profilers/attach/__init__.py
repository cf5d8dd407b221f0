"""Ways into the interpreter of a Python process that runs: by its own door from 3.14 on, else by gdb.

Code goes in, and results come out, through a helper container of the same user beside the target: its files are
below /proc/PID/root, so that nothing is written into the target.
"""
