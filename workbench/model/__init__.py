"""Nouns: frozen, slotted dataclasses with units in their field names. Standard library only, no I/O."""
