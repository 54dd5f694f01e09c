"""The compiled engine's inside: plain functions that Numba turns into machine code; only ``CompiledEngine`` calls them.

Inside, a block of rows lies feature by feature: value (unit j, row r) at ``j * n + r`` of a flat buffer, n being the
rows padded to whole vectors. So every loop over rows is contiguous, whatever the layer.
"""
