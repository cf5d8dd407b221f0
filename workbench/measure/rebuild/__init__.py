"""What a builder's cache depends on, and what rebuilds when something of it changes.

BuildKit's rules are told by docs.docker.com/build/cache/invalidation and, where that is silent, were measured: see the
table in `tests/live/test_rebuild.py`, which holds all of this against what builders really do.
"""
