"""What holds for every test."""

import signal

from hypothesis import settings

# No test passes or fails by being faster or slower.
settings.register_profile("workbench", deadline=None)
settings.load_profile("workbench")
# A shell that starts the tests in the background has them ignore SIGINT, nohup SIGHUP, and so would every program that
# they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
