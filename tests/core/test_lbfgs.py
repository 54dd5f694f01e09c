"""L-BFGS: against SciPy's, on smooth problems; and its ends."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np
import pytest

import clearprop as cp
from clearprop.optimizers.lbfgs import _between, _wolfe_search  # pyright: ignore[reportPrivateUsage] - the search alone
from clearprop.optimizers.optimizer import Converged

Problem = Callable[[np.ndarray], tuple[float, np.ndarray]]


def rosenbrock(p: np.ndarray) -> tuple[float, np.ndarray]:
    a, b = p[:-1], p[1:]
    g = np.zeros_like(p)
    g[:-1] = -400 * a * (b - a * a) - 2 * (1 - a)
    g[1:] += 200 * (b - a * a)
    return float((100 * (b - a * a) ** 2 + (1 - a) ** 2).sum()), g


def quadratic(p: np.ndarray) -> tuple[float, np.ndarray]:
    scales = 10.0 ** np.linspace(0, 4, len(p))
    return float((scales * p * p).sum() / 2), scales * p


def quartic(p: np.ndarray) -> tuple[float, np.ndarray]:
    return float(((p - 3) ** 4).sum() + (p**2).sum()), 4 * (p - 3) ** 3 + 2 * p


def logistic(p: np.ndarray) -> tuple[float, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, len(p))), rng.integers(0, 2, 60)
    z = x @ p
    value = np.logaddexp(0, z).mean() - (y * z).mean() + 0.01 * (p @ p)
    return float(value), x.T @ (1 / (1 + np.exp(-z)) - y) / 60 + 0.02 * p


def wavy(p: np.ndarray) -> tuple[float, np.ndarray]:
    """Not convex: some steps meet a curvature that L-BFGS must not remember."""
    return float((p * p / 20 + np.cos(2 * p)).sum()), p / 10 - 2 * np.sin(2 * p)


def minimise(
    problem: Problem, p: np.ndarray, rule: cp.LBFGS, steps: int = 500, enough: float = -inf
) -> tuple[float, int, str]:
    """Return the last loss, the evaluations it took to come down to ``enough``, and why it ended."""
    gradient = np.empty_like(p)
    losses: list[float] = []

    def evaluate() -> float:
        value, gradient[...] = problem(p)
        losses.append(value)
        return value

    state, value, reason = rule.first_state(p), evaluate(), ""
    for step in range(steps):
        before = value
        try:
            value = rule.step(p, gradient, state, step=step, rate=rule.rate, loss=value, evaluate=evaluate)
        except Converged as end:
            reason = str(end)
            break
        assert value <= before
    assert value == problem(p)[0]
    np.testing.assert_array_equal(gradient, problem(p)[1])
    return value, next((i + 1 for i, loss in enumerate(losses) if loss <= enough), len(losses)), reason


PROBLEMS = [
    (rosenbrock, np.array([-1.2, 1.0])),
    (rosenbrock, np.full(20, -1.0)),
    (quadratic, np.ones(12)),
    (quartic, np.linspace(-5, 5, 9)),
    (logistic, np.full(6, 5.0)),
    (wavy, np.linspace(-4, 9, 7)),
]


@pytest.mark.parametrize(("problem", "start"), PROBLEMS, ids=lambda v: v.__name__ if callable(v) else f"n={len(v)}")
def test_against_scipy(problem: Problem, start: np.ndarray) -> None:
    """As low as SciPy's, with about as many evaluations."""
    scipy = pytest.importorskip("scipy.optimize")
    options = {"ftol": 0.0, "gtol": 1e-8, "maxcor": 10, "maxiter": 500, "maxfun": 2000}
    oracle = scipy.minimize(problem, start, jac=True, method="L-BFGS-B", options=options)
    enough = oracle.fun + 1e-9 * (1 + abs(oracle.fun))
    value, calls, _ = minimise(problem, start.copy(), cp.LBFGS(), enough=enough)
    assert value <= enough
    assert calls <= 1.5 * oracle.nfev + 5


def test_ends_at_the_tolerance() -> None:
    p = np.ones(5)
    _, _, reason = minimise(quadratic, p, cp.LBFGS(tolerance=1e-3))
    assert "is within the tolerance of 0.001" in reason
    assert 1e-9 < abs(quadratic(p)[1]).max() <= 1e-3


def test_ends_where_rounding_allows_no_more() -> None:
    p = np.array([0.5, 0.25])
    value, calls, reason = minimise(lambda p: (1.0, np.ones_like(p)), p, cp.LBFGS(max_evaluations=7))
    assert reason == "no step along the search direction lowers the loss any further"
    assert (value, calls, p.tolist()) == (1.0, 8, [0.5, 0.25])


def test_a_spoilt_memory_is_forgotten() -> None:
    rule, p = cp.LBFGS(), np.array([1.0, 2.0])
    state = rule.first_state(p)
    state["moves"][0], state["turns"][0], state["count"][0] = [1, 0], [-1, 0], 1  # H isn't positive definite
    value, gradient = quadratic(p)
    first = gradient.copy()

    def evaluate() -> float:
        result, gradient[...] = quadratic(p)
        return result

    assert rule.step(p, gradient, state, step=0, rate=1.0, loss=value, evaluate=evaluate) < value
    assert state["count"][0] == 1  # only the newest change is kept
    np.testing.assert_allclose(state["turns"][0], gradient - first)


def test_a_change_against_the_curvature_is_not_remembered() -> None:
    """Cut short, a search may accept a step after which the slope is steeper; H would not stay positive definite."""
    rule, p, gradient = cp.LBFGS(max_evaluations=1), np.array([1.0]), np.array([-1.0])
    state = rule.first_state(p)

    def evaluate() -> float:
        gradient[...] = -p
        return -float(p @ p) / 2

    assert rule.step(p, gradient, state, step=0, rate=1.0, loss=-0.5, evaluate=evaluate) == -2.0
    assert (p.tolist(), gradient.tolist(), state["count"].tolist()) == ([2.0], [-2.0], [0])


def test_memory_is_a_ring() -> None:
    rule = cp.LBFGS(memory=3)
    p = np.linspace(-5, 5, 9)
    value, _, _ = minimise(quartic, p, rule)
    assert value <= minimise(quartic, np.linspace(-5, 5, 9), cp.LBFGS(memory=30))[0] + 1e-9
    assert rule.first_state(p)["moves"].shape == (3, 9)


def search(
    f: Callable[[float], tuple[float, float]], length: float, evaluations: int = 25
) -> tuple[float | None, float]:
    tried: list[float] = []

    def along(a: float) -> tuple[float, float]:
        tried.append(a)
        return f(a)

    value, slope = f(0.0)
    return _wolfe_search(along, value, slope, length, evaluations), tried[-1]


@pytest.mark.parametrize("length", [1e-6, 1e-2, 1.0, 10.0, 1e5])
@pytest.mark.parametrize(
    "f",
    [
        lambda a: ((a - 2) ** 2, 2 * (a - 2)),
        lambda a: (-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2),
        lambda a: ((a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3),
        lambda a: (a * a - 4 * a, 2 * a - 4) if a < 3 else (inf, inf),
    ],
)
def test_search_meets_the_strong_wolfe_conditions(f, length: float) -> None:
    value, a = search(f, length, evaluations=60)
    first, slope = f(0.0)
    assert value == f(a)[0]
    assert value <= first + 1e-4 * a * slope
    assert abs(f(a)[1]) <= 0.9 * abs(slope)


def test_search_gives_up() -> None:
    assert search(lambda a: (a, -1.0), 1.0)[0] is None  # the slope lies: nothing is lower
    assert search(lambda a: (a, -1.0), 1.0, evaluations=2000)[1] == 5e-324  # ends when no shorter step is left
    value, a = search(lambda a: (-a, -1.0), 1.0, evaluations=5)  # falls for ever: the lowest seen is taken
    assert (value, a) == (-16.0, 16.0)


def test_search_ends_where_it_evaluated_last() -> None:
    """The gradient is then that of the length accepted, also where a longer one was tried after it."""
    value, a = search(lambda a: (-a, -1.0) if a <= 1 else (inf, inf), 1.0, evaluations=4)
    assert (value, a) == (-1.0, 1.0)


def test_minimum_of_a_cubic() -> None:
    f, d = (lambda a: a**3 - 3 * a), (lambda a: 3 * a * a - 3)
    assert _between((0.0, f(0), d(0)), (3.0, f(3), d(3))) == pytest.approx(1.0)
    assert _between((3.0, f(3), d(3)), (0.0, f(0), d(0))) == pytest.approx(1.0)
    assert _between((0.0, 0.0, -1.0), (2.0, inf, inf)) == 1.0
    assert _between((0.0, 0.0, 1.0), (1.0, 1.0, 1.0)) == 0.5  # a straight line has no minimum
    assert _between((0.0, 0.0, 1.0), (1.0, 2 / 3, 1.0)) == 0.5  # nor has one whose slope is never 0
    assert _between((0.0, 0.0, 1.0), (1.0, 3.0, 4.0)) == 0.5  # nor has a cubic that only rises
    assert _between((0.0, 0.0, -1.0), (1.0, -0.5, 0.0)) == 0.5  # at the end: too near to it


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"batch_size": 8}, "it can't be used with mini-batches: leave out batch_size"),
        ({"clip": "clip_norm"}, "clipped gradients: leave out clip"),
    ],
)
def test_full_batch_only(xy, network: cp.Network, more: dict, message: str) -> None:
    with pytest.raises(cp.errors.InputError, match=message):
        cp.train(network, *xy, loss="binary_cross_entropy", optimizer="lbfgs", steps=3, **more)


def test_nothing_drawn(xy) -> None:
    network = cp.Network(2, [cp.Dropout(0.1), cp.Dense(1, "sigmoid")])
    with pytest.raises(cp.errors.InputError, match="layers that draw: leave out Dropout"):
        cp.train(network, *xy, loss="binary_cross_entropy", optimizer="lbfgs", steps=3)


def test_a_run_ends_when_it_converges(xy) -> None:
    x, _ = xy
    calls: list[int] = []

    class Count(cp.Callback):
        def on_step(self, training):
            calls.append(training.progress.step)

    result = cp.train(
        cp.Network(2, [cp.Dense(1)]), x, x @ [1.0, 2.0] + 3, loss="squared", optimizer="lbfgs", steps=500, rng=0,
        validation_data=(x, x @ [1.0, 2.0] + 3), callbacks=[Count()],
    )  # fmt: skip
    assert result.stopped.startswith("converged: ")
    assert result.progress.step < 50
    assert calls == list(range(1, result.progress.step + 1))
    assert result.history.steps("validation_loss").tolist() == calls
    assert result.history.steps("loss").tolist() == list(range(result.progress.step))
    np.testing.assert_allclose(result.parameters.vector, [1, 2, 3], atol=1e-6)


def test_a_run_that_begins_at_the_minimum(xy) -> None:
    result = cp.train(
        cp.Network(2, [cp.Dense(1, weight="zeros")]), xy[0], np.tile([1.0, -1.0], 20), loss="squared",
        optimizer=cp.LBFGS(tolerance=1.0), steps=5, callbacks=[cp.EarlyStopping("loss")],
    )  # fmt: skip
    assert result.stopped.startswith("converged")
    assert (result.progress.step, len(result.history["loss"])) == (0, 0)


def test_memory_is_estimated() -> None:
    with pytest.raises(cp.errors.TooLargeError, match=r"L-BFGS's memory of 10000000000 changes would take"):
        cp.LBFGS(memory=10**10).first_state(np.zeros(100))


def test_a_schedule_that_ends_at_0_ends_the_run() -> None:
    x = np.random.default_rng(0).normal(size=(20, 2))
    network = cp.Network(2, [cp.Dense(3, "tanh"), cp.Dense(1)])
    result = cp.train(network, x, x[:, 0] ** 2, loss="squared", optimizer="lbfgs", schedule=AtTheEnd(), steps=5, rng=0)
    assert result.stopped == "converged: the rate is 0"
    assert result.progress.step == 4


class AtTheEnd(cp.Schedule):
    def factor(self, step: int, total: int) -> float:
        return 0.0 if step == total - 1 else 1.0
