"""The load generator: a program of its own, of the standard library of Python 3.8, so that it also runs in containers.

`__main__.py` takes a plan on its standard input or from a file and writes lines of JSON.
"""
