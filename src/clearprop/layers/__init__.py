"""Layers: a formula y = f(x; parameters) and its derivative. They hold settings only, never arrays."""
