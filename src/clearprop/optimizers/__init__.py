"""Optimisers: each moves the parameter vector against a gradient, in place, remembering nothing itself."""
