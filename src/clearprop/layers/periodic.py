"""Periodic embeddings: a number as learnt mixtures of waves, with frequencies that are learnt too."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import copy, namespace, sum_rows
from clearprop.errors import InputError
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape
from clearprop.settings import check_number, check_whole

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class Periodic(Layer):
    """a = (x, e_j for each chosen column j), e_j = h_j V_j + c_j, h_jf = cos(2π w_jf x_j + b_jf).

    x is (rows, inputs); frequency w and phase b (columns, frequencies), weight V (columns, frequencies, units − 1),
    bias c (columns, units − 1); a is (rows, inputs + columns · (units − 1)): with x_j itself ``units`` for each column.
    PBLD of Holzmüller et al. 2024, arXiv 2407.04491, after the PL of Gorishniy et al. 2022, arXiv 2203.05556. First
    values: w ~ N(0, sigma²), b ~ U(−π, π), V and c ~ U(−1/√frequencies, 1/√frequencies).

    Parameters
    ----------
    units : int, at least 2
        Numbers that a column becomes, itself among them.
    frequencies : int, at least 1
    sigma : float, above 0
        Deviation of the first frequencies, in waves a unit of x.
    columns : tuple of bool, optional
        For each input column whether it is embedded; by default all are. The others are passed on only.

    Raises
    ------
    InputError
        For settings out of their bounds, no column that is embedded, or another number of columns.

    Examples
    --------
    >>> layer = Periodic(units=2, frequencies=1)
    >>> parameters = {"frequency": np.array([[0.5]]), "phase": np.array([[0.0]])}
    >>> parameters |= {"weight": np.array([[[3.0]]]), "bias": np.array([[1.0]])}
    >>> layer.forward(parameters, np.array([[0.0], [2.0], [1.0]])).a  # a wave is two units of x long
    array([[ 0.,  4.],
           [ 2.,  4.],
           [ 1., -2.]])
    """

    units: int = 4
    frequencies: int = 16
    sigma: float = 0.1
    columns: tuple[bool, ...] | None = None

    def __post_init__(self) -> None:
        if check_whole(self.units, "Periodic's units") < 2:
            raise InputError("Periodic's units must be at least 2, since the column itself is one of them; got 1")
        check_whole(self.frequencies, "Periodic's frequencies")
        check_number(self.sigma, "Periodic's sigma", above=0)
        if self.columns is None:
            return
        columns = tuple(self.columns)
        if not all(isinstance(chosen, bool | np.bool_) for chosen in columns) or not any(columns):
            raise InputError(
                f"Periodic's columns must say True or False for each column, True at least once; got {columns!r:.80}"
            )
        object.__setattr__(self, "columns", tuple(map(bool, columns)))

    def n_outputs(self, n_inputs: int) -> int:
        return n_inputs + len(self.embedded(n_inputs)) * (self.units - 1)

    def embedded(self, n_inputs: int) -> list[int]:
        """Return the indices of the columns that are embedded."""
        if self.columns is None:
            return list(range(n_inputs))
        if n_inputs != len(self.columns):
            raise InputError(
                f"Periodic's columns are {len(self.columns)}, and {n_inputs} come in; give True or False for each"
            )
        return [j for j, chosen in enumerate(self.columns) if chosen]

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        k, f, q = len(self.embedded(n_inputs)), self.frequencies, self.units - 1
        return {"frequency": (k, f), "phase": (k, f), "weight": (k, f, q), "bias": (k, q)}

    def first_values(self, n_inputs: int, rng: Generator) -> dict[str, Any]:
        shapes, most = self.shapes(n_inputs), self.frequencies**-0.5
        return {
            "frequency": rng.normal(0.0, self.sigma, shapes["frequency"]),
            "phase": rng.uniform(-pi, pi, shapes["phase"]),
            "weight": rng.uniform(-most, most, shapes["weight"]),
            "bias": rng.uniform(-most, most, shapes["bias"]),
        }

    def summary(self) -> str:
        columns = "all columns" if self.columns is None else f"{sum(self.columns)} columns"
        return f"{columns}, frequencies={self.frequencies}, units={self.units}"

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Compute the waves h and their mixtures e, behind the columns themselves."""
        xp, columns = namespace(x), self._columns(x)
        angle = columns * (2 * pi * parameters["frequency"])[:, None] + parameters["phase"][:, None]
        h = xp.cos(angle)
        e = h @ parameters["weight"] + parameters["bias"][:, None]
        a = xp.concatenate([x, _by_rows(e)], 1)
        return Cache(x, a, a, (angle, h))

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Compute dV = hᵀ de, dc = Σ_rows de, dangle = −sin(angle) ⊙ de Vᵀ, db = Σ_rows dangle, dw = Σ_rows 2πx dangle.

        Return dx = gradient's own part + Σ_f 2π w dangle.
        """
        (angle, h), (rows, width) = cache.extra, cache.x.shape
        sum_rows(gradient[:, width:], into["bias"].reshape(-1))
        de = gradient[:, width:].reshape(rows, len(h), self.units - 1).swapaxes(0, 1)
        into["weight"][...] = h.swapaxes(1, 2) @ de
        dangle = de @ parameters["weight"].swapaxes(1, 2)
        dangle *= -namespace(angle).sin(angle)
        sum_rows(_by_rows(dangle), into["phase"].reshape(-1))
        into["frequency"][...] = 2 * pi * (self._columns(cache.x).swapaxes(1, 2) @ dangle)[:, 0]
        if not need_input:
            return None
        dx = copy(gradient[:, :width])
        dx[:, self.embedded(width)] += (dangle @ (2 * pi * parameters["frequency"])[:, :, None])[:, :, 0].T
        return dx

    def _columns(self, x: Any) -> Any:
        """Return the embedded columns of x, shape (columns, rows, 1)."""
        return x.T[self.embedded(x.shape[1])][:, :, None]


def _by_rows(values: Any) -> Any:
    """Return (columns, rows, k) as (rows, columns · k)."""
    columns, rows, k = values.shape
    return values.swapaxes(0, 1).reshape(rows, columns * k)
