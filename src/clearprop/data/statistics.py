"""Where a column's values lie and how far they spread, without overflow and without being misled by rounding."""

from __future__ import annotations

import numpy as np

from clearprop.data.table import Array

_SHARES = ((0.25, 0.75), (0.1, 0.9), (0.01, 0.99), (0.0, 1.0))


def median_and_spread(x: Array, weight: Array | None) -> tuple[float, float]:
    """Return the (weighted) median of ``x`` (n,), and the distance of its quartiles.

    Where that is 0 (or a few roundings), the distance of the outer tenths, of the outer hundredths, or of the ends.
    """
    if not x.size:
        return 0.0, 0.0
    shares = [0.5, *(share for pair in _SHARES for share in pair)]
    center, *ends = np.quantile(x, shares, weights=weight, method="inverted_cdf").tolist()
    rounding = 4 * float(np.finfo(np.float64).eps)
    for low, high in zip(ends[::2], ends[1::2], strict=True):
        if high / 2 - low / 2 > rounding * max(abs(low), abs(high)) / 2:
            return center, min(high - low, float(np.finfo(np.float64).max))
    return center, 0.0


def mean_and_deviation(x: Array, weight: Array | None = None) -> tuple[float, float]:
    """Return the (weighted) mean and standard deviation of ``x`` (n,), which never overflow.

    A deviation of less than about four times the rounding of the largest value is rounding: 0.
    """
    power = int(np.frexp(np.abs(x).max())[1])  # dividing by a power of two is exact
    scaled = np.ldexp(x, -power)
    mean = float(np.average(scaled, weights=weight))
    deviations = scaled - mean
    mean += float(np.average(deviations, weights=weight))  # what rounding left
    deviation = float(np.sqrt(np.average(deviations**2, weights=weight)))
    if deviation < 4 * np.finfo(np.float64).eps:
        deviation = 0.0
    return float(np.ldexp(mean, power)), float(np.ldexp(deviation, power))
