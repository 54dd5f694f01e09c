"""Periodic embeddings, and the cosine and sine that they are made of.

``settings[layer[EXTRA]:]``: how many columns are embedded, and which. The parameters lie one behind the other:
frequencies and phases (columns, frequencies), weights (columns, frequencies, units), biases (columns, units).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from clearprop.engines.kernels.codes import EXTRA, N_IN, N_OUT, WEIGHT
from clearprop.engines.kernels.elementwise import sum_of, sum_of_products
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel
from clearprop.engines.kernels.views import copy, fill, part

_TURN = 2 * math.pi
_COSINE = tuple((-1) ** k / math.factorial(2 * k) for k in range(11, 1, -1))  # Taylor's coefficients, from z²² on
_SINE = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(11, 0, -1))  # from z²³ on


@inlined
def _reduce(turns: Any) -> tuple[Any, Any]:
    """Return an angle of at most a quarter of a turn (in radians), and the sign that cosine and sine then get."""
    half, one = number(turns, 0.5), number(turns, 1.0)
    halves = np.rint(turns + turns)
    odd = halves * half - np.floor(halves * half)  # 0 or a half
    return number(turns, _TURN) * (turns - halves * half), one - (odd + odd) * number(turns, 2.0)


@kernel
def cosine(turns: Any) -> Any:
    """Return cos 2πt, by Taylor's polynomial up to a quarter of a turn; NaN for NaN and infinity."""
    angle, sign = _reduce(turns)
    s = angle * angle
    q = number(turns, _COSINE[0])
    q = q * s + number(turns, _COSINE[1])
    q = q * s + number(turns, _COSINE[2])
    q = q * s + number(turns, _COSINE[3])
    q = q * s + number(turns, _COSINE[4])
    q = q * s + number(turns, _COSINE[5])
    q = q * s + number(turns, _COSINE[6])
    q = q * s + number(turns, _COSINE[7])
    q = q * s + number(turns, _COSINE[8])
    q = q * s + number(turns, _COSINE[9])
    return sign * ((q * s - number(turns, 0.5)) * s + number(turns, 1.0))


@kernel
def sine(turns: Any) -> Any:
    """Return sin 2πt, likewise."""
    angle, sign = _reduce(turns)
    s = angle * angle
    q = number(turns, _SINE[0])
    q = q * s + number(turns, _SINE[1])
    q = q * s + number(turns, _SINE[2])
    q = q * s + number(turns, _SINE[3])
    q = q * s + number(turns, _SINE[4])
    q = q * s + number(turns, _SINE[5])
    q = q * s + number(turns, _SINE[6])
    q = q * s + number(turns, _SINE[7])
    q = q * s + number(turns, _SINE[8])
    q = q * s + number(turns, _SINE[9])
    q = q * s + number(turns, _SINE[10])
    return sign * (q * s * angle + angle)


@kernel
def waves(
    layer: Any, settings: Any, frequencies: int, p: Any, x: Any, x_at: int, w: Any, out: int, scratch: Any, n: int
) -> None:  # fmt: skip
    """Write the columns, then for each that is embedded its mixtures of cosines."""
    n_in, at = layer[N_IN], layer[EXTRA]
    count = int(settings[at])
    units = (layer[N_OUT] - n_in) // count
    frequency = layer[WEIGHT]
    phase = frequency + count * frequencies
    weight = phase + count * frequencies
    bias = weight + count * frequencies * units
    inverse = number(w[0], 1 / _TURN)
    copy(part(w, out, n_in * n), part(x, x_at, n_in * n))
    out += n_in * n
    wave = part(scratch, 0, n)
    for k in range(count):
        column = part(x, x_at + int(settings[at + 1 + k]) * n, n)
        for u in range(units):
            fill(part(w, out + u * n, n), p[bias + k * units + u])
        for f in range(k * frequencies, (k + 1) * frequencies):
            speed, start = p[frequency + f], p[phase + f] * inverse
            for r in range(n):
                wave[r] = cosine(speed * column[r] + start)
            for u in range(units):
                into, share = part(w, out + u * n, n), p[weight + f * units + u]
                for r in range(n):
                    into[r] += share * wave[r]
        out += units * n


@kernel
def waves_backward(
    layer: Any, settings: Any, frequencies: int, p: Any, g: Any, x: Any, x_at: int, w: Any, d: int, scratch: Any,
    n: int, more: bool, wanted: bool,
) -> None:  # fmt: skip
    """Write (or add) the derivatives by all four; that by x, where wanted, is added to the columns' own at d."""
    n_in, at = layer[N_IN], layer[EXTRA]
    count = int(settings[at])
    units = (layer[N_OUT] - n_in) // count
    frequency = layer[WEIGHT]
    phase = frequency + count * frequencies
    weight = phase + count * frequencies
    bias = weight + count * frequencies * units
    inverse, turn = number(w[0], 1 / _TURN), number(w[0], _TURN)
    wave, slope = part(scratch, 0, n), part(scratch, n, n)
    here = d + n_in * n
    for k in range(count):
        j = int(settings[at + 1 + k])
        column = part(x, x_at + j * n, n)
        for u in range(units):
            _put(g, bias + k * units + u, sum_of(part(w, here + u * n, n)), more)
        for f in range(k * frequencies, (k + 1) * frequencies):
            speed, start = p[frequency + f], p[phase + f] * inverse
            for r in range(n):
                wave[r] = cosine(speed * column[r] + start)
            for u in range(units):
                _put(g, weight + f * units + u, sum_of_products(part(w, here + u * n, n), wave), more)
            fill(slope, number(w[0], 0.0))
            for u in range(units):
                by_unit, share = part(w, here + u * n, n), p[weight + f * units + u]
                for r in range(n):
                    slope[r] -= share * by_unit[r]
            for r in range(n):  # the derivative by the angle
                slope[r] *= sine(speed * column[r] + start)
            _put(g, phase + f, sum_of(slope), more)
            _put(g, frequency + f, turn * sum_of_products(slope, column), more)
            if wanted:
                by_column, share = part(w, d + j * n, n), turn * speed
                for r in range(n):
                    by_column[r] += share * slope[r]
        here += units * n


@inlined
def _put(g: Any, place: int, value: Any, more: bool) -> None:
    g[place] = g[place] + value if more else value
