"""A run as Python code that repeats it."""
