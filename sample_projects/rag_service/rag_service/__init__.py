"""Answers questions from a handbook: passages, an embedding model made of them, and a search by what they mean."""
