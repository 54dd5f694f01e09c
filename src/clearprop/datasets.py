"""Small made-up tables with two features and two classes: enough to watch a network bend its boundary."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real

import numpy as np
from numpy.random import Generator, default_rng

from clearprop.arrays import Array
from clearprop.errors import InputError, unknown_name

_Maker = Callable[[int, float, int], tuple[Array, Array]]


def make(name: str, n_rows: int, *, noise: float | None = None, seed: int = 0) -> tuple[Array, Array]:
    """Draw a table; the same arguments give the same numbers.

    Parameters
    ----------
    name : str
        - ``"moons"``: two half circles, one in the other's arm;
          ``sklearn.datasets.make_moons(n_rows, noise=0.2, shuffle=False, random_state=seed)``.
        - ``"circles"``: a circle inside another.
        - ``"spirals"``: two arms that wind once around each other.
        - ``"blobs"``: two round clouds that overlap a little.
        - ``"xor"``: class 1 where exactly one of the two features is positive.
        - ``"checkerboard"``: 4 × 4 fields of alternating class.
    n_rows : int, at least 2
    noise : float, 0 or more, optional
        Standard deviation of what is added to each coordinate; by default what suits the table.
    seed : int, from 0 to 2³² − 1

    Returns
    -------
    x : array, shape (n_rows, 2), float64
    y : array, shape (n_rows,), int64
        0 or 1.

    Raises
    ------
    InputError
        For an unknown name, fewer than 2 rows, a negative noise, or a seed out of range.

    Examples
    --------
    >>> x, y = make("moons", 200, seed=0)
    >>> x.shape, y[:3], y[-3:]
    ((200, 2), array([0, 0, 0]), array([1, 1, 1]))
    """
    if name not in list(_TABLES):  # a list can be asked for anything, a dict only for what can be hashed
        raise unknown_name("data set", str(name), _TABLES)
    if isinstance(n_rows, bool) or not isinstance(n_rows, Integral) or n_rows < 2:
        raise InputError(f"a data set needs a whole number of rows, at least 2; got {n_rows!r}")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed < 2**32:
        raise InputError(f"a data set's seed must be a whole number from 0 to 2**32 - 1; got {seed!r}")
    maker, usual = _TABLES[name]
    deviation = usual if noise is None else noise
    if isinstance(deviation, bool) or not isinstance(deviation, Real) or not 0 <= float(deviation) < 1e100:
        raise InputError(f"noise is a standard deviation, 0 or more; got {noise!r}")
    x, y = maker(int(n_rows), float(deviation), int(seed))
    return x, y.astype(np.int64)


def names() -> list[str]:
    """Return the names that ``make`` knows."""
    return list(_TABLES)


def _moons(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    """Return bit for bit what scikit-learn's make_moons does, without loading it: a page is to open at once."""
    y = _halves(n_rows)
    outer, inner = (np.linspace(0, np.pi, int((y == label).sum())) for label in (0, 1))
    x = np.column_stack(
        [np.append(np.cos(outer), 1 - np.cos(inner)), np.append(np.sin(outer), 1 - np.sin(inner) - 0.5)]
    )
    legacy = np.random.RandomState(seed)
    return x + legacy.normal(scale=noise, size=x.shape), y


def _circles(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    y = _halves(n_rows)
    angle = default_rng(seed).uniform(0, 2 * np.pi, n_rows)
    return _noisy(_polar(np.where(y == 0, 1.0, 0.5), angle), noise, seed), y


def _spirals(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    y = _halves(n_rows)
    t = np.sqrt(default_rng(seed).uniform(0.01, 1.0, n_rows))  # the root spreads the points evenly along an arm
    return _noisy(_polar(1.5 * t, 2 * np.pi * t + np.pi * y), noise, seed), y


def _blobs(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    y = _halves(n_rows)
    middles = np.array([[-0.8, -0.5], [0.8, 0.5]])
    return _noisy(middles[y], noise, seed), y


def _xor(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    x = default_rng(seed).uniform(-1.5, 1.5, (n_rows, 2))
    return _noisy(x, noise, seed), (x[:, 0] > 0) ^ (x[:, 1] > 0)


def _checkerboard(n_rows: int, noise: float, seed: int) -> tuple[Array, Array]:
    x = default_rng(seed).uniform(-2.0, 2.0, (n_rows, 2))
    return _noisy(x, noise, seed), np.floor(x).sum(axis=1).astype(np.int64) % 2


_TABLES: dict[str, tuple[_Maker, float]] = {
    "moons": (_moons, 0.2),
    "circles": (_circles, 0.1),
    "spirals": (_spirals, 0.05),
    "blobs": (_blobs, 0.5),
    "xor": (_xor, 0.05),
    "checkerboard": (_checkerboard, 0.0),
}


def _halves(n_rows: int) -> Array:
    """Return n_rows // 2 zeros, then ones."""
    return (np.arange(n_rows) >= n_rows // 2).astype(np.int64)


def _polar(radius: Array, angle: Array) -> Array:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _noisy(x: Array, noise: float, seed: int) -> Array:
    noise_stream: Generator = default_rng([seed, 1])  # apart from the one that drew x, so that noise=0 keeps the points
    return x + noise * noise_stream.standard_normal(x.shape)
