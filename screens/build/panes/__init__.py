"""The parts of the screen before a build."""
