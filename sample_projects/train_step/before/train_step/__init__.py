"""Trains a small classifier of glyphs, a picture of 16 x 16 pixels each."""
