"""The parts of the screen of a build. One that says a `VIEW` other than `steps` is a view of its own."""
