"""The parts of a comparison: its rows, and what was measured of the one under the cursor."""
