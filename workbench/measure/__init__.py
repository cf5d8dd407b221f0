"""Pure functions from model to model: rates, layers, text. No I/O."""
