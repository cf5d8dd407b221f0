"""The parts of the list of runs: the list, and the run under the cursor with the course of its figures."""
