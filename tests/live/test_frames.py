"""What a kept frame shares with its run, and what it doesn't: the history, cut off where the frame is."""

from __future__ import annotations

import numpy as np
import pytest
from running import Run

from clearprop.live.frames import until


@pytest.mark.parametrize("step", [17, 20])  # in an epoch of 4, and at its end
def test_a_history_until_a_step_is_what_it_was_then(step: int) -> None:
    run = Run(steps=30, paused=False, batch_size=16)
    run.phase("finished")
    run.end()
    whole = run.recording.branch(0).history
    whole.note(step, "in time")
    cut, short = until(whole, step), run.alone(steps=step).history
    assert set(cut) == set(short)
    for name in short:
        np.testing.assert_array_equal(cut[name], short[name])
        np.testing.assert_array_equal(cut.steps(name), short.steps(name))
    assert [event.text for event in cut.events if event.step] == ["in time"]  # and not that it ended, at step 30
