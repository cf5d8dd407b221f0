"""One table of commands: keys, footer, help, palette and the ids that settings rebind all come from here.

A module for each place in which commands can be given; `table.py` puts them together.
"""
