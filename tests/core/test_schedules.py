from __future__ import annotations

from math import cos, log2, pi

import pytest

from clearprop import schedules
from clearprop.errors import InputError, InputTypeError

TOTAL = 101


@pytest.mark.parametrize(
    ("schedule", "formula"),
    [
        (schedules.Constant(), lambda _: 1.0),
        (schedules.StepDecay(10, 0.5), lambda s: 0.5 ** (s // 10)),
        (schedules.ExponentialDecay(10, 0.5), lambda s: 0.5 ** (s / 10)),
        (schedules.CosineDecay(), lambda s: (1 + cos(pi * s / 100)) / 2),
        (schedules.CosineDecay(0.1, steps=51), lambda s: 0.1 + 0.9 * (1 + cos(pi * min(s / 50, 1))) / 2),
        (schedules.WarmUp(5), lambda s: min((s + 1) / 5, 1.0)),
        (
            schedules.WarmUp(5, schedules.CosineDecay()),
            lambda s: (s + 1) / 5 if s < 5 else (1 + cos(pi * (s - 5) / 95)) / 2,
        ),
        (schedules.InverseScaling(10, 7, 0.3), lambda s: (1 + 7 * (s // 10)) ** -0.3),
        (schedules.CosineLog2(3), lambda s: 0.5 - 0.5 * cos(2 * pi * log2(1 + 7 * s / 100))),
        (
            schedules.OneCycle(0.25, 10, 100),
            lambda s: (
                1 + (0.1 - 1) * (1 + cos(pi * s / 25)) / 2 if s < 25
                else 0.01 + (1 - 0.01) * (1 + cos(pi * (s - 25) / 75)) / 2
            ),
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, schedules.Schedule) else "formula",
)  # fmt: skip
def test_values(schedule: schedules.Schedule, formula) -> None:
    for step in range(TOTAL):
        assert schedule.factor(step, TOTAL) == pytest.approx(formula(step), rel=1e-12, abs=1e-15)


def test_ends() -> None:
    assert schedules.CosineDecay(0.25).factor(100, TOTAL) == pytest.approx(0.25)
    assert schedules.OneCycle().factor(0, TOTAL) == pytest.approx(1 / 25)
    assert schedules.OneCycle().factor(100, TOTAL) == pytest.approx(1e-4)
    assert max(schedules.OneCycle().factor(s, TOTAL) for s in range(TOTAL)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.CosineDecay(),
        schedules.OneCycle(),
        schedules.CosineLog2(),
        schedules.WarmUp(5, "cosine_decay"),
        schedules.WarmUp(1),
    ],
    ids=str,
)
def test_a_run_of_one_step(schedule: schedules.Schedule) -> None:
    assert 0 <= schedule.factor(0, 1) <= 1


def test_warm_up_takes_a_name() -> None:
    assert schedules.WarmUp(3, "cosine_decay") == schedules.WarmUp(3, schedules.CosineDecay())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.StepDecay(0), "a schedule's every must be above 0"),
        (lambda: schedules.StepDecay(1, -0.5), "a schedule's decay must be above 0"),
        (lambda: schedules.ExponentialDecay(-1), "every"),
        (lambda: schedules.CosineDecay(steps=0), "steps"),
        (lambda: schedules.WarmUp(0), "steps"),
        (lambda: schedules.WarmUp(3, "cosine_dekay"), "did you mean 'cosine_decay'"),
        (lambda: schedules.OneCycle(rise=1.0), "OneCycle's rise must be above 0 and below 1"),
        (lambda: schedules.InverseScaling(0), "every"),
        (lambda: schedules.InverseScaling(1, power=-1), "power"),
        (lambda: schedules.CosineLog2(0), "cycles"),
        (lambda: schedules.OneCycle(start=0), "start"),
        (lambda: schedules.OneCycle(end="1"), "end must be a number"),
    ],
)
def test_wrong_settings(make, message: str) -> None:
    with pytest.raises((InputError, InputTypeError), match=message):
        make()
