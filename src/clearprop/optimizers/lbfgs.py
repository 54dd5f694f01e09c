"""L-BFGS: steps along −H g, where H comes from the last few changes of parameters and gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from clearprop.arrays import check_memory, copy, namespace
from clearprop.optimizers.optimizer import Converged, Optimizer, State
from clearprop.settings import check_whole

_DECREASE, _CURVATURE = 1e-4, 0.9  # the constants of the strong Wolfe conditions that Nocedal & Wright advise


@dataclass(frozen=True)
class LBFGS(Optimizer, name="lbfgs"):
    """p ← p − a H g: H by the two-loop recursion, a by a strong Wolfe search.

    Nocedal & Wright 2006, "Numerical Optimization", algorithms 7.4, 3.5 and 3.6. For full batches only.
    A step evaluates the loss and its gradient once in most cases.

    Parameters
    ----------
    rate : float
        The first length that is tried.
    memory : int
        How many changes are remembered: 2 · memory · n numbers.
    tolerance : float
        The run is at its end when no gradient is larger than this.
    max_evaluations : int
        The most evaluations in one step.
    """

    rate: float = 1.0
    memory: int = 10
    tolerance: float = 1e-8
    max_evaluations: int = 25
    limits = Optimizer.limits | {"tolerance": {"least": 0.0}}

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self.memory, "LBFGS's memory")
        check_whole(self.max_evaluations, "LBFGS's max_evaluations")

    def first_state(self, vector: Any) -> State:
        xp = namespace(vector)
        check_memory(2.0 * self.memory * len(vector) * vector.itemsize, f"L-BFGS's memory of {self.memory} changes")
        changes = xp.stack([xp.zeros_like(vector)] * self.memory)
        return {"moves": changes, "turns": xp.zeros_like(changes), "count": xp.zeros(1, dtype=xp.int64)}

    def step(
        self,
        vector: Any,
        gradient: Any,
        state: State,
        *,
        step: int,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
    ) -> float:
        largest = float(abs(gradient).max()) if len(vector) else 0.0
        if largest <= self.tolerance:
            raise Converged(f"the largest gradient, {largest:.3g}, is within the tolerance of {self.tolerance:g}")
        if not rate:
            raise Converged("the rate is 0")
        direction = self._direction(gradient, state)
        slope = float(direction @ gradient)
        if not slope < 0:  # rounding has spoilt H: begin again with the steepest descent
            state["count"][0] = 0
            direction, slope = -gradient, -float(gradient @ gradient)
        start, first = copy(vector), copy(gradient)
        length = rate if int(state["count"][0]) else rate * min(1.0, 1.0 / float(abs(gradient).sum()))

        def along(a: float) -> tuple[float, float]:
            vector[...] = start + a * direction
            value = evaluate()
            return (value, float(direction @ gradient)) if isfinite(value) else (inf, inf)

        found = _wolfe_search(along, loss, slope, length, self.max_evaluations)
        if found is None:
            vector[...], gradient[...] = start, first
            raise Converged("no step along the search direction lowers the loss any further")
        move, turn = vector - start, gradient - first
        if float(move @ turn) > 1e-10 * float(turn @ turn):  # else H would not stay positive definite
            place = int(state["count"][0]) % self.memory
            state["moves"][place], state["turns"][place] = move, turn
            state["count"][0] += 1
        return found

    def _direction(self, gradient: Any, state: State) -> Any:
        """Return −H g by the two-loop recursion, newest change first and last."""
        count = int(state["count"][0])
        places = [i % self.memory for i in range(max(0, count - self.memory), count)]
        pairs = [(state["moves"][i], state["turns"][i]) for i in places]
        q = -gradient
        shares: list[Any] = []
        for s, y in reversed(pairs):
            shares.append((s @ q) / (s @ y))
            q -= shares[-1] * y
        if pairs:
            s, y = pairs[-1]
            q *= (s @ y) / (y @ y)
        for s, y in pairs:
            q += (shares.pop() - (y @ q) / (s @ y)) * s
        return q


def _wolfe_search(
    along: Callable[[float], tuple[float, float]], loss: float, slope: float, length: float, evaluations: int
) -> float | None:
    """Find a length that meets the strong Wolfe conditions; return its loss, or None where none lowers the loss.

    ``along(a)`` gives the loss and its slope at length a. The last call is always at the length that is accepted.
    """
    low, high = (0.0, loss, slope), None  # the best length so far with its loss and slope; the other end of the bracket
    a = length
    for _ in range(evaluations):
        value, here = along(a)
        if not value <= loss + _DECREASE * a * slope or value >= low[1]:
            high = (a, value, here)
        elif abs(here) <= -_CURVATURE * slope:
            return value
        else:
            if here * ((high[0] if high else inf) - low[0]) >= 0:
                high = low
            low = (a, value, here)
        a = 2 * a if high is None else _between(low, high)
        if abs(a - low[0]) * -slope <= 1e-16 * abs(loss):  # nothing that small can show in the loss
            break
    if low[0] == 0.0:
        return None
    return along(low[0])[0]


def _between(low: tuple[float, float, float], high: tuple[float, float, float]) -> float:
    """Return the minimum of the cubic through both ends, kept away from them; the middle where it has none."""
    (a, fa, da), (b, fb, db) = low, high
    middle, width = 0.5 * (a + b), b - a
    if not (isfinite(fb) and isfinite(db)):
        return middle
    d1 = da + db - 3 * (fa - fb) / (a - b)
    square = d1 * d1 - da * db
    if square < 0:
        return middle
    d2 = square**0.5 * (1 if width > 0 else -1)
    bottom = db - da + 2 * d2
    if bottom == 0:
        return middle
    guess = b - width * (db + d2 - d1) / bottom
    nearest, farthest = sorted((a + 0.1 * width, b - 0.1 * width))
    return guess if nearest <= guess <= farthest else middle
