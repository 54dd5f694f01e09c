"""A run that a page commands: the same numbers, one page at a time, and what is refused changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from running import Run, running

from clearprop.errors import InputError, InputTypeError


def test_a_run_with_a_page_is_the_run_without() -> None:
    with running(paused=False, batch_size=16) as run:
        run.phase("finished")
        np.testing.assert_array_equal(run.vector(), run.alone().progress.parameters.vector)
        np.testing.assert_array_equal(run.losses(0), run.alone().history["loss"])


def test_the_session_returns_what_was_trained_last() -> None:
    run = Run(steps=30, paused=False)
    run.phase("finished")
    run.end()
    assert run.result is not None
    assert run.result.progress.step == 30
    np.testing.assert_array_equal(run.result.parameters.vector, run.alone().parameters.vector)


def test_a_finished_run_goes_on_when_asked() -> None:
    with running(paused=False, steps=20) as run:
        run.phase("finished")
        run.do("step")
        run.wait(lambda: run.state["step"] == 21 and run.state["phase"] == "finished")
        run.do("play")
        run.wait(lambda: run.state["step"] == 41 and run.state["phase"] == "finished")
        run.do("more", steps=9)
        run.do("play")
        run.wait(lambda: run.state["step"] == 50 and run.state["phase"] == "finished")


def test_one_page_controls_until_another_takes_over() -> None:
    with running() as run:
        run.do("step", client="a")
        with pytest.raises(InputError, match="another page controls"):
            run.do("play", client="b")
        run.do("control", client="b")
        assert run.state["controller"] == "b"
        run.do("step", client="b")


def test_what_is_refused_changes_nothing() -> None:
    with running(batch_size=16) as run:
        run.do("step")
        run.wait(lambda: run.state["step"] == 1 and run.state["phase"] == "paused")
        before = run.vector().copy()
        for name, values, words in [
            ("set", {"optimizer": "lbfgs"}, "mini-batches"),
            ("set", {"l2": -1}, "l2"),
            ("set", {"colour": 1}, "unknown setting"),
            ("rate", {"value": 0}, "above 0"),
            ("rate", {"value": "a"}, "must be a number"),
            ("pace", {"steps_per_second": -3}, "above 0"),
            ("edit", {"parameter": "9.weight", "index": 0, "value": 1}, "9.weight"),
            ("edit", {"parameter": "0.weight", "index": 10**6, "value": 1}, "has 12 numbers"),
            ("edit", {"parameter": "0.weight", "index": 0, "value": 1e300}, "finite"),
            ("continue", {"frame": 10**6}, "isn't kept"),
            ("restart", {"hidden": "many"}, "must be a list"),
            ("restart", {"hidden": [{"units": 0}]}, "at least 1"),
            ("restart", {"hidden": [{"units": 10**9}]}, "2,048"),
            ("restart", {"hidden": [{"units": 4}] * 40}, "16 layers"),
            ("restart", {"loss": "poisson"}, "unknown loss"),
            ("data", {"source": {"kind": "dataset", "name": "mons"}}, "did you mean 'moons'"),
            ("data", {}, "kind"),
            ("recover", {"how": "back"}, "hasn't diverged"),
            ("seed", {"seed": -1}, "0 or more"),
            ("bookmark", {"frame": 10**6}, "isn't kept"),
            ("fly", {}, "unknown command"),
        ]:
            with pytest.raises((InputError, InputTypeError), match=words):
                run.do(name, **values)
            run.phase("paused")
        assert run.state["branch"] == 0
        assert run.state["step"] == 1
        np.testing.assert_array_equal(run.vector(), before)
        run.do("step")
        run.wait(lambda: run.state["step"] == 2)
