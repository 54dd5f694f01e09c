"""Training: the loop, what changes while it runs, and what is told of it."""
