"""One profile: flame graph, functions, callers and callees, source."""
