"""The web API of a small bookshop."""
