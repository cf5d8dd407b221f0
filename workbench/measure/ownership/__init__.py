"""Who owns the bytes of an image: package databases read from their bodies, never by running anything."""
