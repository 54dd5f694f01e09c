"""Engines: how a batch's loss and whole gradient are computed."""
