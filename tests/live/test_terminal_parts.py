"""The parts of the terminal's picture: braille, axes, half blocks, the table, the clock."""

import numpy as np
import pytest
from rich.cells import cell_len
from rich.segment import Segment

import clearprop as cp
from clearprop.live.terminal.clock import Clock
from clearprop.live.terminal.colours import MUTED
from clearprop.live.terminal.curve import Axis, Line, curves, dots
from clearprop.live.terminal.frame import boxed, fitted
from clearprop.live.terminal.layers import LayerState, layer_lines, layer_states
from clearprop.runs import value_and_gradient
from clearprop.training.callbacks import Callback


def line(values, **more):
    return Line(np.arange(len(values)), np.asarray(values, float), MUTED, **more)


def text_of(lines):
    return ["".join(segment.text for segment in each) for each in lines]


def test_a_spike_of_a_single_step_is_not_lost():
    values = np.zeros(100_000)
    values[77_777] = 1.0
    found = dots(line(values), Axis(0.0, 1.0, False), (0, 99_999), columns=20, rows=5)
    assert found[0].sum() == 1
    assert found[:, round(77_777 / 99_999 * 39)].all()
    assert found[-1].all()


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0], [0.0, 0.0, 0.0], [-3.0, 5.0], [1e-300, 1e300], [0.0, 1e-12]])
def test_any_curve_can_be_drawn(values):
    lines = text_of(curves([line(values)], 30, 6))
    assert [cell_len(each) for each in lines] == [30] * 6
    assert any("⠁" <= sign <= "⣿" for each in lines for sign in each)


def test_the_axis_is_logarithmic_from_two_decades_on():
    assert not Axis.of([line([1.0, 99.0])]).log
    assert Axis.of([line([1.0, 101.0])]).log
    assert not Axis.of([line([0.0, 1000.0])]).log
    assert [text for _, text in Axis.of([line([0.5, 2000.0])]).ticks(5)] == ["1", "10", "100", "1000"]
    assert [text for _, text in Axis(0.0, 1.0, False).ticks(5)] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_a_tick_stands_where_its_value_is_drawn():
    for row in text_of(curves([line([0.2, 0.4, 0.6] * 40)], 50, 13)):
        label = row.split("┤")[0].strip() if "┤" in row else ""
        assert label in ("", "0.2", "0.3", "0.4", "0.5", "0.6")
    flat = text_of(curves([line([0.5] * 9 + [1.5])], 50, 13))
    marked = next(row for row in flat if "0.5┤" in row)
    assert marked.count("⣀") + marked.count("⠤") + marked.count("⠒") + marked.count("⠉") > 10


def test_a_dashed_line_leaves_every_other_cell():
    row = next(row for row in text_of(curves([line([1.0] * 50, dashed=True)], 40, 3)) if "⠁" <= max(row) <= "⣿")
    cells = row.split("┤")[-1].split("│")[-1]
    assert set(cells[1::2]) == {" "}
    assert " " not in cells[::2]


def test_frames_and_cuts_count_cells_and_not_letters():
    assert text_of([fitted([Segment("漢字漢字")], 5)]) == ["漢字 "]
    box = boxed([Segment("漢" * 30)], [fitted([], 18)], 20)
    assert [cell_len(each) for each in text_of(box)] == [20, 20, 20]


def test_the_layers_numbers_are_those_of_the_run():
    class Looks(Callback):
        def on_step(self, training):
            before = training.progress.parameters.vector.copy()
            state = {name: array.copy() for name, array in training.progress.state.items()}
            self.found = layer_states(training)
            np.testing.assert_array_equal(training.progress.parameters.vector, before)
            for name, array in state.items():
                np.testing.assert_array_equal(training.progress.state[name], array)
            self.parameters = training.progress.parameters.copy()

    x, y = cp.datasets.make("moons", 60)
    network = cp.Network(2, [cp.Dense(8, "relu"), cp.LayerNorm(), cp.Dense(1, "sigmoid")])
    options = {"loss": "binary_cross_entropy", "optimizer": cp.Adam(0.01), "rng": 0}
    looks = Looks()
    cp.train(network, x, y, steps=7, callbacks=[looks], **options)
    longer = cp.train(network, x, y, steps=8, **options)
    _, gradient = value_and_gradient(network, looks.parameters, x, y, loss="binary_cross_entropy")
    assert [state.name for state in looks.found] == ["8 relu", "1 sigmoid"]
    for state, key in zip(looks.found, ("0.weight", "2.weight"), strict=True):
        weight = looks.parameters[key]
        moved = np.linalg.norm(longer.parameters[key] - weight) / np.linalg.norm(weight)
        wanted = (weight.mean(), weight.std(), np.linalg.norm(gradient[key]), moved)
        np.testing.assert_allclose(state[1:5], wanted, rtol=1e-9)
    _, caches = network.forward(looks.parameters, x)
    assert looks.found[0].dead == (caches[0].a == 0).all(axis=0).mean()


def test_lbfgs_has_no_next_update_to_tell():
    class Looks(Callback):
        def on_step(self, training):
            self.found = layer_states(training)

    looks = Looks()
    x, y = cp.datasets.make("moons", 60)
    network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    cp.train(network, x, y, loss="binary_cross_entropy", optimizer="lbfgs", steps=3, rng=0, callbacks=[looks])
    assert text_of(layer_lines(looks.found, 80, 3))[1].split()[5] == "–"


def test_a_deep_network_shows_its_ends():
    states = [LayerState(f"layer {i}", 0.0, 1.0, 0.5, 0.1, 0.0) for i in range(30)]
    lines = text_of(layer_lines(states, 80, 6))
    assert [each.split("  ")[0].strip() for each in lines] == [
        "layer",
        "layer 0",
        "layer 1",
        "…",
        "layer 28",
        "layer 29",
    ]


class FalseTime:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("step", "cost"), [(1e-5, 0.005), (1e-3, 0.001), (0.05, 0.03), (1e-6, 0.3)])
def test_a_frame_is_at_most_two_parts_in_a_hundred_and_at_most_ten_come_a_second(step, cost):
    time = FalseTime()
    clock = Clock(None, time)
    clock.begin(0)
    done = frames = 0
    while time.now < 60:
        time.now += step * (clock.next - done)
        done = clock.next
        if clock.is_time(done):
            began, time.now, frames = time.now, time.now + cost, frames + 1
            clock.drawn(done, began)
    assert frames * cost <= 0.021 * time.now + cost
    assert frames <= 601
    assert frames >= 0.8 * min(600, 60 / (cost / 0.02 + cost + step)) - 2
