"""``clearprop moons``: what it prints and writes, and what it refuses before it writes anything."""

import re
import signal

import numpy as np
import pytest
from PIL import Image
from sklearn.model_selection import train_test_split

import clearprop as cp
from clearprop.cli.main import run
from clearprop.cli.options import build_optimizer, parse_layers
from clearprop.cli.progress import ProgressLine
from clearprop.cli.runaway import Runaway
from clearprop.errors import DivergenceError
from clearprop.plots import window


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Run in an empty folder, without a screen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(window, "has_screen", lambda: False)
    return tmp_path


@pytest.fixture
def moons(capsys):
    def call(*flags):
        with pytest.raises(SystemExit) as end:
            run(["moons", *flags])
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return call


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_says_and_writes_what_it_found(moons, folder):
    code, out, err = moons("--steps", "300", "--save", "net.safetensors")
    assert code == 0
    assert names(folder) == ["moons-test.png", "moons.gif", "moons.png", "net.safetensors"]
    lines = out.splitlines()
    assert lines[0] == "moons: 150 points to learn from, 50 to test"
    assert lines[1].startswith("2-16-16-1, leaky_relu and sigmoid, 337 parameters; sgd, rate 0.25, gradients clipped")
    assert f"no screen for a live window, so the pictures go to {folder}" in out
    assert lines[-1] == "wrote moons.png, moons-test.png, moons.gif"
    assert re.search(r"step 300/300  loss 0\.0[0-9]+", err)

    result = cp.load("net.safetensors")
    x, y = cp.datasets.make("moons", 200, seed=0)
    _, x_test, _, y_test = train_test_split(x, y, random_state=0)
    loss, _ = cp.value_and_gradient(result.network, result.parameters, x_test, y_test, loss="binary_cross_entropy")
    right = np.mean((result.predict(x_test).ravel() > 0.5) == y_test)
    assert re.search(rf"^test +{loss:.6f} +{right:.1%}$", out, re.MULTILINE)

    with Image.open("moons.png") as picture:
        assert picture.size == (800, 640)
    with Image.open("moons.gif") as film:
        assert film.n_frames > 50


def test_the_network_is_the_one_that_train_gives_with_history_and_settings(moons):
    assert moons("--steps", "12", "--seed", "3", "--save", "net.safetensors")[0] == 0
    x, y = cp.datasets.make("moons", 200, seed=3)
    x_train, _, y_train, _ = train_test_split(x, y, random_state=3)
    network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
    wanted = cp.train(
        network, x_train, y_train, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=12, rng=3,
        clip=cp.ClipValue(1.0),
    )  # fmt: skip
    result = cp.load("net.safetensors")
    np.testing.assert_array_equal(result.parameters.vector, wanted.parameters.vector)
    np.testing.assert_array_equal(result.history["loss"], wanted.history["loss"])
    assert result.network.widths == (2, 16, 16, 1)
    assert result.network.n_parameters == 337
    assert [layer.activation.slope for layer in result.network.layers[:2]] == [0.05, 0.05]


def test_the_same_seed_repeats_the_pictures_and_another_gives_others(moons, folder):
    for out, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        assert moons("--steps", "12", "--seed", seed, "--out", f"{out}/deep", "--data", "xor")[0] == 0
    assert names(folder) == ["a", "b", "c"]
    for name in ("xor.png", "xor-test.png", "xor.gif"):
        first, again, other = ((folder / out / "deep" / name).read_bytes() for out in "abc")
        assert first == again != other


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layers", "5", "--activation", "tanh"), "2-5-1, tanh and sigmoid, 21 parameters; sgd, rate 0.25, "),
        (("--optimizer", "adam"), "adam, rate 0.001, gradients clipped to ±1"),
        (("--optimizer", "rprop", "--rate", "0.02"), "rprop, rate 0.02, gradients clipped to ±1"),
        (("--optimizer", "lbfgs"), "lbfgs, rate 1, gradients not clipped, which lbfgs doesn't allow"),
    ],
)
def test_flags_change_the_job(moons, flags, said):
    code, out, _ = moons("--steps", "1", *flags)
    assert code == 0
    assert said in out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layers", "16,x"), "error: --layers '16,x': 'x' is not a number of units"),
        (("--layers", ""), "error: --layers '': '' is not a number of units"),
        (("--layers", "16,0"), "error: --layers '16,0': '0' is not a number of units"),
        (("--layers", "0"), "error: --layers 0: this job needs at least one hidden layer"),
        (("--layers", "10000000000"), "GiB, and this machine has "),
        (("--activation", "rellu"), "error: unknown activation 'rellu'; did you mean 'relu'?"),
        (("--optimizer", "adamm"), "error: unknown optimizer 'adamm'; did you mean 'adam'?"),
        (("--data", "mons"), "error: unknown data set 'mons'; did you mean 'moons'?"),
        (("--rate=-1",), "error: SGD's rate must be above 0; got -1.0"),
        (("--rate", "nan"), "error: SGD's rate must be above 0; got nan"),
        (("--steps", "0"), "error: steps must be a whole number, at least 1; got 0"),
        (("--seed=-1",), "error: a data set's seed must be a whole number from 0"),
        (("--save", "no/net.safetensors"), "error: --save no/net.safetensors: the folder no doesn't exist"),
        (("--out", "file/deep"), "file is a file; give a folder"),
        (("--out", "taken"), "moons.gif is a folder, where a picture is to go; move it away"),
    ],
)
def test_what_is_refused_writes_nothing(moons, folder, flags, said):
    (folder / "file").touch()
    (folder / "taken/moons.gif").mkdir(parents=True)
    code, out, err = moons("--steps", "5", *flags)
    assert code == 2
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert names(folder) == ["file", "taken"]
    assert names(folder / "taken") == ["moons.gif"]


@pytest.mark.parametrize(
    ("rate", "said"), [("1e9", "error: the run diverges: "), ("1e300", "error: the run diverged ")]
)
def test_a_run_that_diverges_says_so_in_a_line_and_keeps_old_pictures(moons, folder, rate, said):
    (folder / "moons.png").write_bytes(b"old")
    code, _, err = moons("--rate", rate)
    assert code == 2
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err
    assert names(folder) == ["moons.png"]
    assert (folder / "moons.png").read_bytes() == b"old"


def test_ctrl_c_keeps_what_was_learnt(moons, monkeypatch):
    def interrupt(_, training):
        if training.progress.step == 20:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ProgressLine, "on_step", interrupt)
    code, out, err = moons("--save", "net.safetensors")
    assert code == 0
    assert "warning: stopped after 20 of 20,000 steps: interrupted by Ctrl-C\n" in err
    assert cp.load("net.safetensors").progress.step == 20
    assert out.splitlines()[-1] == "wrote moons.png, moons-test.png, moons.gif"


def test_on_a_screen_windows_open_and_pictures_are_written_only_where_asked(moons, folder, monkeypatch):
    from clearprop.plots import live_figure

    opened = []

    def new_window(title, size):
        opened.append(title)
        figure = live_figure.new_figure(size)
        figure.canvas.blit = lambda *_: None
        return figure

    monkeypatch.setattr(window, "has_screen", lambda: True)
    monkeypatch.setattr(window, "new_window", new_window)
    monkeypatch.setattr(live_figure, "new_window", new_window)
    code, out, _ = moons("--steps", "3")
    assert (code, names(folder)) == (0, [])
    assert opened == ["Clearprop: moons", "Clearprop: test points"]
    assert "no screen" not in out
    code, out, _ = moons("--steps", "3", "--out", "there")
    assert names(folder / "there") == ["moons-test.png", "moons.gif", "moons.png"]


def test_layers_in_words():
    assert parse_layers("16,16") == (16, 16)
    assert parse_layers(" 7 ") == (7,)
    assert parse_layers("0") == ()


def test_an_optimiser_keeps_its_own_rate_unless_told():
    assert build_optimizer("adam") == cp.Adam()
    assert build_optimizer("adam", 0.5) == cp.Adam(0.5)


def test_a_loss_that_ends_higher_than_it_began_is_said():
    x, y = cp.datasets.make("moons", 50)
    network = cp.Network(2, [cp.Dense(8, "leaky_relu"), cp.Dense(8, "leaky_relu"), cp.Dense(1, "sigmoid")])
    options = {"loss": "binary_cross_entropy", "rng": 0, "callbacks": [Runaway()], "clip": cp.ClipValue(1.0)}
    with pytest.warns(cp.errors.ClearpropWarning, match="the loss ended higher .* than it began"):
        cp.train(network, x, y, optimizer=cp.SGD(20.0), steps=5, **options)
    with pytest.raises(DivergenceError, match=r"try a lower rate \(1e\+07 → 1e\+06\)"):
        cp.train(network, x, y, optimizer=cp.SGD(1e7), steps=100, **options)


@pytest.mark.long
def test_the_whole_job_learns_and_its_film_is_small(moons, folder):
    code, out, _ = moons()
    assert code == 0
    loss, accuracy = re.search(r"^training +([0-9.]+) +([0-9.]+)%$", out, re.MULTILINE).groups()
    assert float(loss) < 0.01
    assert float(accuracy) == 100
    assert (folder / "moons.gif").stat().st_size < 3_000_000
    with Image.open("moons.gif") as film:
        assert 100 < film.n_frames <= 152


@pytest.mark.parametrize("name", cp.datasets.names())
def test_every_data_set_can_be_learnt(moons, folder, name):
    code, out, _ = moons("--steps", "2", "--data", name)
    assert code == 0
    assert out.startswith(f"{name}: 150 points")
    assert {path.name for path in folder.iterdir()} == {f"{name}.png", f"{name}-test.png", f"{name}.gif"}


def test_a_short_run_that_diverges_is_refused_too(moons):
    code, _, err = moons("--steps", "5", "--rate", "1e9")
    assert code == 2
    assert "error: the run diverges" in err.splitlines()[-1]


@pytest.mark.parametrize("name", ["moons.gif", "moons.png", "moons-test.png"])
def test_the_network_is_not_lost_below_a_picture(moons, name):
    code, _, err = moons("--steps", "5", "--save", name)
    assert code == 2
    assert err.startswith("error: --save")


def test_ctrl_c_before_the_first_update_is_no_traceback(moons, monkeypatch):
    monkeypatch.setattr(ProgressLine, "on_start", lambda *_: signal.raise_signal(signal.SIGINT))
    assert moons("--steps", "5")[0] in (0, 130)
