"""Losses: the mean loss of a batch, and its derivative."""
