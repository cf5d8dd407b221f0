"""Before and after, row by row, with what each change is worth."""
