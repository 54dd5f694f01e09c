"""How often a run is looked at, by a clock that the tests turn."""

from __future__ import annotations

import os

import pytest

from clearprop.live.pace import BESIDE, CROWDED, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.worked = self.all_worked = 0.0

    def pace(self, most: float = 30.0) -> Pace:
        pace = Pace(most, lambda: self.now, lambda: self.worked, lambda: self.all_worked)
        pace.restart(0)
        return pace


def look(clock: Clock, pace: Pace, step: int, cost: float = 0.0) -> int:
    pace.enter(step)
    picture = pace.is_due()
    clock.now += cost * picture
    clock.worked += cost * picture
    if picture:
        pace.measure()
    return pace.leave(step, picture=picture, most=30.0)


def run(clock: Clock, pace: Pace, seconds: float, per_second: float, cost: float = 0.0) -> tuple[int, int]:
    """Train so long at so many steps a second; return steps and looks."""
    step, looks, end = 0, 0, clock.now + seconds
    while clock.now < end:
        following = look(clock, pace, step, cost)
        clock.now += (following - step) / per_second
        step, looks = following, looks + 1
    return step, looks


@pytest.mark.parametrize("per_second", [3.0, 1000.0, 200_000.0])
def test_it_looks_thirty_times_a_second_or_at_each_step(per_second: float) -> None:
    clock = Clock()
    _, looks = run(clock, clock.pace(), 10.0, per_second)
    assert looks == pytest.approx(min(per_second, 30.0) * 10, rel=0.15)


@pytest.mark.parametrize("most", [30.0, 15.0, 5.0])
def test_pictures_are_taken_as_often_as_they_may(most: float) -> None:
    clock = Clock()
    pace, pictures, step, end = clock.pace(most), 0, 0, clock.now + 10.0
    while clock.now < end:
        pace.enter(step)
        pictures += (picture := pace.is_due())
        following = pace.leave(step, picture=picture, most=30.0)
        clock.now += (following - step) / 1000.0
        step = following
    assert pictures == pytest.approx(10 * most, rel=0.1)


def test_dear_pictures_are_taken_less_often_and_cheap_ones_more_often_again() -> None:
    clock = Clock()
    pace = clock.pace()
    run(clock, pace, 5.0, 1000.0, cost=0.002)  # 30 a second would cost 6 %
    assert pace.pictures == 5.0
    assert pace.slowed
    run(clock, pace, 20.0, 1000.0, cost=1e-6)
    assert pace.pictures == 30.0
    assert not pace.slowed


def test_the_dearest_pictures_are_taken_once_a_second() -> None:
    clock = Clock()
    pace = clock.pace()
    run(clock, pace, 30.0, 1000.0, cost=0.05)
    assert pace.pictures == 1.0


def test_a_wanted_pace_says_how_long_to_wait() -> None:
    clock = Clock()
    pace = clock.pace()
    pace.wanted = 2.0
    following = look(clock, pace, 0)
    assert following == 1
    assert pace.left_to_wait() == pytest.approx(0.5, abs=0.05)
    clock.now += 0.6
    assert pace.left_to_wait() == 0.0


def test_a_pace_is_held_on_average() -> None:
    clock = Clock()
    pace = clock.pace()
    pace.wanted = 100.0
    step, end = 0, clock.now + 10.0
    while clock.now < end:
        following = look(clock, pace, step)
        clock.now += (following - step) / 50_000.0
        clock.now += pace.left_to_wait()
        step = following
    assert step == pytest.approx(1000, rel=0.05)


def test_fewer_pictures_a_second_may_be_asked_for() -> None:
    clock = Clock()
    assert clock.pace(2.0).pictures == 2.0


def test_what_is_sent_counts_and_a_single_dear_picture_does_not() -> None:
    clock = Clock()
    pace, sent = clock.pace(), 0.0
    for k in range(60):
        pace.enter(k)
        clock.now += 0.033
        sent += 0.5 if k == 20 else 1e-4
        pace.measure(sent)
        assert not pace.slowed
    assert pace.overhead == pytest.approx(BESIDE * 1e-4 / 0.033)
    for k in range(20):
        pace.enter(k)
        clock.now += 0.066
        sent += 0.004
        pace.measure(sent)
    assert pace.slowed


def test_a_run_that_is_held_back_has_time_for_pictures() -> None:
    clock = Clock()
    pace, step, pictures = clock.pace(), 0, 0
    pace.wanted = 100.0
    while clock.now < 110.0:
        pace.enter(step)
        picture = pace.is_due()
        if picture:
            clock.now, clock.worked = clock.now + 2e-3, clock.worked + 2e-3  # far more than these steps take
            pace.measure()
        clock.now += pace.left_to_wait()
        following = pace.leave(step, picture=picture, most=30.0)
        clock.now += (following - step) * 1e-6
        step, pictures = following, pictures + picture
        assert not pace.slowed
    assert step == pytest.approx(1000, rel=0.05)
    assert pictures <= 310


def test_sending_costs_more_where_training_uses_every_processor() -> None:
    clock = Clock()
    pace, sent = clock.pace(), 0.0
    for k in range(10):
        pace.enter(k)
        clock.now += 0.033
        clock.all_worked += 0.033 * (os.cpu_count() or 1)
        sent += 1e-4
        pace.measure(sent)
    assert pace.overhead == pytest.approx(CROWDED * 1e-4 / 0.033)
