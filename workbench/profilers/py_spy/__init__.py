"""py-spy: samples the stacks of a running Python from outside of it."""
