"""Before and after: `judged.py` says what a change is worth; beside it a module for each kind of thing compared.

Each of these makes `Measured` figures of two things of its kind, and is all that a new kind needs.
"""
