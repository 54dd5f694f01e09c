"""Estimators: from a person's own table to a model that predicts."""
