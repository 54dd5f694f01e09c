"""A run watched in a terminal: what is on the screen, and that the terminal is given back."""

import io
import signal
import sys
from time import perf_counter

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

import clearprop as cp
from clearprop.errors import DivergenceError, InputError
from clearprop.live.sources import from_arrays, make, suggest
from clearprop.live.terminal import TerminalView
from clearprop.training.callbacks import Callback

OPEN, CLOSED = "\x1b[?1049h\x1b[H\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def terminal(width=80, height=24, **more):
    options = {"color_system": "truecolor", "force_terminal": True, "legacy_windows": False, "_environ": {}} | more
    return Console(file=io.StringIO(), width=width, height=height, **options)


def train(view, data=None, steps=300, **more):
    data = data or make({"kind": "dataset", "name": "moons"})
    found = suggest(data)
    options = {"loss": found.loss, "optimizer": found.optimizer, "validation_data": data.validation, "rng": 0} | more
    callbacks = [*options.pop("callbacks", []), view]
    return cp.train(found.network, data.x, data.y, steps=steps, callbacks=callbacks, **options)


def lines_of(view):
    return ["".join(segment.text for segment in line) for line in view._frame.lines]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (61, 18), (200, 60)])
def test_the_picture_fills_the_screen_and_no_more(size):
    data = make({"kind": "dataset", "name": "moons"})
    with TerminalView(data, title="moons", console=terminal(*size)) as view:
        result = train(view, data)
        lines = lines_of(view)
    assert {cell_len(line) for line in lines} == {size[0] - 1}
    assert len(lines) == size[1] - 1
    assert lines[0].startswith(f"step 300/300  loss {result.history.last('loss'):.4g}  validation ")
    assert "100%  moons  all steps done" in lines[1]
    text = "\n".join(lines)
    for word in ("loss ━━", "x1 →  x2 ↑", "16 leaky_relu", "1 sigmoid", "▀", "●", "▲", "┤", "300 steps"):
        assert word in text


def test_a_screen_too_small_has_the_numbers_and_the_curve():
    with TerminalView(console=terminal(30, 8)) as view:
        train(view)
        lines = lines_of(view)
    assert (len(lines), {cell_len(line) for line in lines}) == (7, {29})
    assert any("⠁" <= sign <= "⣿" for line in lines for sign in line)


def test_the_terminal_is_given_back_with_the_last_picture():
    console = terminal()
    with TerminalView(console=console) as view:
        train(view)
    written = console.file.getvalue()
    assert written.startswith(OPEN)
    inside, after = written.split(CLOSED)
    assert "step 0/300" in inside
    assert "step 300/300" in after
    assert "\x1b[?" not in after


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_it_is_given_back_after_an_error_too(error):
    class Fails(Callback):
        def on_step(self, training):
            raise error

    console = terminal()
    with pytest.raises(error), TerminalView(console=console) as view:
        train(view, callbacks=[Fails()])
    assert CLOSED in console.file.getvalue()


def test_ctrl_c_ends_the_run_and_not_the_terminal():
    class Interrupts(Callback):
        def on_step(self, training):
            if training.progress.step == 20:
                signal.raise_signal(signal.SIGINT)

    console = terminal()

    def interrupted():
        with TerminalView(console=console) as view:
            result = train(view, callbacks=[Interrupts()])
            return result, lines_of(view)

    with pytest.warns(cp.errors.ClearpropWarning):
        result, lines = interrupted()
    assert "interrupted by Ctrl-C" in lines[1]
    assert result.progress.step == 20
    assert console.file.getvalue().count(CLOSED) == 1


def test_a_run_that_diverges_says_where():
    with pytest.raises(DivergenceError) as caught, TerminalView(console=terminal()) as view:
        train(view, optimizer=cp.SGD(1e8), steps=1000)
    assert f"diverged: {caught.value.tensor} at step {caught.value.step:,}"[:40] in lines_of(view)[1]
    assert "nan" not in "\n".join(lines_of(view)).lower()


def test_what_is_written_meanwhile_comes_afterwards(capsys):
    class Talks(Callback):
        def on_end(self, training):
            print("to stdout")  # noqa: T201 - what a callback of a user's might do
            print("to stderr", file=sys.stderr)  # noqa: T201 - the same

    with TerminalView(console=terminal()) as view:
        train(view, callbacks=[Talks()])
        assert capsys.readouterr() == ("", "")
    assert capsys.readouterr() == ("to stdout\n", "to stderr\n")


@pytest.mark.parametrize(
    "console", [{"force_terminal": False}, {"_environ": {"TERM": "dumb"}}, {"legacy_windows": True}]
)
def test_elsewhere_there_are_plain_lines(console):
    view = TerminalView(console=terminal(**console))
    with view:
        train(view)
    said = view.console.file.getvalue()
    assert "\x1b" not in said
    assert said.splitlines()[-1].startswith("step 300/300  loss ")


def test_without_the_context_it_takes_no_screen():
    view = TerminalView(console=terminal())
    train(view)
    assert "1049" not in view.console.file.getvalue()


def test_a_new_size_is_drawn_whole():
    sizes = {20: (100, 30), 40: (60, 20)}

    class Resizes(Callback):
        def on_step(self, training):
            if training.progress.step in sizes:
                console.size = sizes[training.progress.step]
                view._show(training)
                assert {cell_len(line) for line in lines_of(view)} == {console.width - 1}
                assert len(lines_of(view)) == console.height - 1

    console = terminal()
    with TerminalView(console=console) as view:
        train(view, steps=50, callbacks=[Resizes()])
    assert console.file.getvalue().count("\x1b[2J") == 3


@pytest.mark.parametrize("system", ["256", "standard"])
def test_fewer_colours_will_do(system):
    console = terminal(color_system=system)
    with TerminalView(console=console) as view:
        train(view)
    inside = console.file.getvalue().split(CLOSED)[0]
    assert "38;2;" not in inside
    assert ("38;5;" in inside) == (system == "256")


def test_without_colours_regions_are_signs():
    console = terminal(no_color=True)
    with TerminalView(console=console) as view:
        train(view)
        text = "\n".join(lines_of(view))
    assert "▀" not in text
    assert "······" in text
    assert "::::::" in text
    assert "38;" not in console.file.getvalue().split(CLOSED)[0]


def test_names_steer_nothing():
    data = make({"kind": "points", "x": [[0, 0], [1, 1], [0, 1], [2, 0]], "y": [0, 1, 0, 1]})
    data.features[:] = ["\x1b[2Jboom", "[red]漢字漢字漢字漢字漢字"]
    with TerminalView(data, title="\x1b]0;title\x07", console=terminal()) as view:
        train(view, data)
        lines = lines_of(view)
    assert {cell_len(line) for line in lines} == {79}
    assert "\x1b" not in "".join(lines)
    assert "[2Jboom →  [red]漢字" in "\n".join(lines)


def test_other_data_have_no_map():
    x = np.random.default_rng(0).normal(size=(40, 5))
    data = from_arrays(x, x[:, 0])
    with TerminalView(data, console=terminal()) as view:
        train(view, data, steps=20)
        text = "\n".join(lines_of(view))
    assert "▀" not in text
    assert "64 relu" in text


@pytest.mark.parametrize("task", ["classes", "number"])
def test_three_classes_and_numbers_have_a_map(task):
    x = np.random.default_rng(0).normal(size=(60, 2))
    data = from_arrays(x, np.eye(3)[np.arange(60) % 3] if task == "classes" else x[:, 0])
    with TerminalView(data, console=terminal()) as view:
        train(view, data, steps=20)
        assert sum("▀" in line for line in lines_of(view)) > 5


@pytest.mark.parametrize("engine", ["reference", "auto"])
def test_it_changes_nothing(engine):
    data = make({"kind": "dataset", "name": "xor"})
    found = suggest(data)
    with TerminalView(data, console=terminal(120, 40)) as view:
        watched = train(view, data, steps=2000, engine=engine)
    alone = cp.train(
        found.network, data.x, data.y, loss=found.loss, optimizer=found.optimizer, steps=2000, rng=0, engine=engine,
        validation_data=data.validation,
    )  # fmt: skip
    np.testing.assert_array_equal(watched.parameters.vector, alone.parameters.vector)
    np.testing.assert_array_equal(watched.history["loss"], alone.history["loss"])


def test_a_pace_slows_a_run_down():
    view, began = TerminalView(pace=200.0, console=terminal()), perf_counter()
    with view:
        train(view, steps=100)
    assert perf_counter() - began > 0.4
    with pytest.raises(InputError, match="the pace must be above 0"):
        TerminalView(pace=0)
