"""One module for each thing that is examined; each defines its one `CHECK`."""
