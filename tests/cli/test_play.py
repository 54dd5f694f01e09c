"""clearprop play, as somebody types it: what is trained, what is said, what is refused."""

import signal

import numpy as np
import pytest

from clearprop.cli.main import run
from clearprop.live import opening
from clearprop.live.code.rows import data_code
from clearprop.live.opening import announce, forwarding_line
from clearprop.live.saved import recorded
from clearprop.live.sources import make
from clearprop.training.loop import Training

TABLE = "age,größe in €,town,price\n" + "".join(
    f"{20 + i % 40},{i * 1.5},{'AB'[i % 2]},{i * 3.25}\n" for i in range(80)
)


@pytest.fixture
def play(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")

    def call(*flags):
        with pytest.raises(SystemExit) as end:
            run(["play", *flags])
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return call


@pytest.fixture
def watched(monkeypatch):
    """Take the page's place: train without it, and keep what it was asked for."""
    from clearprop.live import watch as module
    from clearprop.runs import train

    asked = {}

    def watch(network, *, data, loss, optimizer, steps, batch_size, rng, **more):
        asked.update(more, network=network, data=data, optimizer=optimizer, batch_size=batch_size)
        return train(
            network, data.x, data.y, loss=loss, optimizer=optimizer, steps=steps, batch_size=batch_size,
            validation_data=data.validation, rng=rng,
        )  # fmt: skip

    monkeypatch.setattr(module, "watch", watch)
    return asked


def test_moons_in_the_terminal_by_plain_lines(play):
    code, out, err = play("--view", "terminal", "--steps", "50")
    assert code == 0
    first, second, last = out.splitlines()
    assert first == "moons: 'class' (2 classes), 150 rows to learn from, 50 held out"
    assert second == "2-16-16-1, leaky_relu and sigmoid, 337 parameters; sgd, rate 0.25"
    assert last.startswith("50 steps, loss 0.")
    assert last.endswith(": all steps done")
    assert "step 50/50" in err


def test_the_page_gets_what_was_asked_for(play, watched):
    code, out, _ = play("--steps", "20", "--no-browser", "--port", "8123", "--record", "run.rec", "--seed", "4")
    assert code == 0
    assert (watched["open_browser"], watched["port"], watched["host"]) == (False, 8123, "127.0.0.1")
    assert str(watched["record"]) == "run.rec"
    assert watched["data"].source["seed"] == 4
    assert out.splitlines()[-1].startswith("20 steps, loss ")


def test_an_own_table(play, watched):
    code, out, _ = play("table.csv", "--target", "price", "--steps", "20")
    assert code == 0
    assert out.startswith("table.csv: 'price' (a number), 60 rows to learn from, 20 held out\n3-64-64-1, relu")
    assert watched["data"].features == ["age", "größe in €", "town=B"]
    assert watched["optimizer"].name == "adam"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layers", "0"), "2-1, sigmoid, 3 parameters; sgd, rate 0.25"),
        (("--layers", "5", "--activation", "tanh"), "2-5-1, tanh and sigmoid, 21 parameters"),
        (("--rate", "0.5"), "sgd, rate 0.5"),
        (("--optimizer", "adam"), "adam, rate 0.001"),
        (("--optimizer", "sgd"), "sgd, rate 0.25"),
        (("--optimizer", "lbfgs"), "lbfgs, rate 1"),
        (("--data", "spirals"), "spirals: "),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("watched")
def test_options_change_the_job(play, flags, said):
    code, out, _ = play("--steps", "5", *flags)
    assert code == 0
    assert said in out


def test_batches(play, watched):
    for text, size in (("16", 16), ("0", None)):
        assert play("--steps", "2", "--batch-size", text)[0] == 0
        assert watched["batch_size"] == size


def test_a_lesson_waits_for_its_first_page(play, watched):
    assert play("--steps", "2", "--lesson", "moons")[0] == 0
    assert (watched["lesson"], watched["paused"]) == ("moons", True)


@pytest.mark.parametrize(
    ("flags", "pace"),
    [((), 400.0), (("--pace", "0"), None), (("--pace", "7"), 7.0), (("table.csv", "--target", "price"), None)],
)
def test_made_up_data_are_learnt_slowly_enough_to_be_seen(play, watched, flags, pace):
    code, _, _ = play("--steps", "5", *flags)
    assert (code, watched["pace"]) == (0, pace)


def test_the_page_can_choose_another_target_of_the_file(play, watched):
    play("table.csv", "--target", "price", "--steps", "5")
    table = watched["uploads"].table(watched["data"].source["upload"])
    assert "town" in table.names


def test_the_pages_code_reads_the_file_as_it_was_read(play, watched, tmp_path, monkeypatch):
    (tmp_path / "odd.csv").write_text(TABLE.replace(",", "|"), encoding="utf-16")
    play(
        "odd.csv", "--target", "price", "--delimiter", "|", "--encoding", "utf-16", "--na", "A", "--na", "?",
        "--text", "age", "--steps", "5",
    )  # fmt: skip
    data = watched["data"]
    other = {"target": "größe in €", "features": ["price"]}  # as the page asks for it
    again = make(data.source | other, watched["uploads"])
    assert again.source["reading"] == data.source["reading"]
    imports, text = data_code(data)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec("\n".join([*imports, text]), names)  # noqa: S102 - our own code
    np.testing.assert_array_equal(names["x_train"], data.x)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ("table.csv",),
            "which column of table.csv is to be predicted? --target COLUMN, one of: age, größe in €, town",
        ),
        (("table.csv", "--target", "Price"), "unknown column 'Price'; did you mean 'price'?"),
        (("none.csv", "--target", "y"), "none.csv: No such file"),
        (("--target", "y"), "--target needs a table: clearprop play FILE --target COLUMN"),
        (("--task", "regression"), "--task needs a table"),
        (("table.csv", "--target", "price", "--data", "xor"), "are two things to learn from; leave one of them out"),
        (("table.csv", "--target", "town", "--task", "regression"), "regression needs numbers"),
        (("--view", "browse"), "unknown view 'browse'; did you mean 'browser'?"),
        (("--lesson", "moon"), "unknown lesson 'moon'; did you mean 'moons'?"),
        (("table.csv", "--target", "price", "--lesson", "moons"), "the lesson 'moons' has its own data"),
        (("--view", "terminal", "--record", "r"), "--record belongs to the page"),
        (("--pace", "-1"), "--pace must be at least 0"),
        (("--batch-size=-1",), "--batch-size is a number of rows, or 0 for all; got -1"),
        (("--layers", "x"), "--layers 'x'"),
        (("--port", "70000"), "Invalid value for '--port'"),
        (("--data", "mons"), "unknown data set 'mons'; did you mean 'moons'?"),
        (("--rate", "nan"), "rate must be above 0"),
        (("--seed=-1",), "a seed is a whole number"),
    ],
)
def test_what_is_refused_is_one_line(play, flags, said):
    code, out, err = play("--steps", "5", *flags)
    assert code == 2
    assert said in err
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,y\n1,caf\xe9\n2,x\n", "table.csv:2:6: found byte 0xe9, which is not utf-8 text"),
        (b"a,a\n1,2\n", "the name 'a' comes twice"),
        (b"a,y\n1,1\n2,1\n", "the target 'y' is '1' in every row"),
        (b"a,y\n1,\n2,1\n", "the target 'y' has no value in 1 of 2 rows: table.csv:2"),
    ],
)
def test_bad_files(play, tmp_path, content, said):
    (tmp_path / "table.csv").write_bytes(content)
    code, _, err = play("table.csv", "--target", "y")
    assert code == 2
    assert said in err
    assert err.count("\n") == 1


def test_ctrl_c_keeps_what_was_learnt(play, monkeypatch):
    record = Training._record

    def interrupted(self, step, *more):
        record(self, step, *more)
        if step == 9:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Training, "_record", interrupted)
    code, out, err = play("--view", "terminal", "--steps", "100", "--optimizer", "lbfgs")
    assert code == 0
    assert out.splitlines()[-1].startswith("10 steps, loss 0.")
    assert out.splitlines()[-1].endswith(": interrupted by Ctrl-C")
    assert "Traceback" not in err


@pytest.mark.parametrize("ignoring_ctrl_c", [False, True])  # as a shell's job in the background does
def test_sigterm_keeps_the_recording(play, monkeypatch, ignoring_ctrl_c):
    record, usual = Training._record, signal.getsignal(signal.SIGINT)

    def terminated(self, step, *more):
        record(self, step, *more)
        if step == 9:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Training, "_record", terminated)
    signal.signal(signal.SIGINT, signal.SIG_IGN if ignoring_ctrl_c else usual)
    try:
        code, _, err = play("--no-browser", "--record", "run.rec", "--pace", "0")
    finally:
        signal.signal(signal.SIGINT, usual)
    assert code == 143
    assert "Traceback" not in err
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    kept = recorded.load("run.rec")
    assert kept.series[0, "loss"][0].tolist()[-1] in (8, 9)  # the tenth update may be half done
    assert kept.once["state"]["phase"] == "closed"


def test_ctrl_c_ends_with_130_where_sigterm_is_heard(play, monkeypatch):
    from clearprop.live import watch as module

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "watch", interrupted)
    assert play("--no-browser")[0] == 130


def test_a_run_that_diverges_is_one_line(play):
    code, _, err = play("--view", "terminal", "--rate", "1e9", "--steps", "2000")
    assert code == 2
    assert "error: the run diverged" in err.splitlines()[-1]


class TestAnnounce:
    @pytest.fixture(autouse=True)
    def browser(self, monkeypatch):
        for name in ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(opening.sys, "platform", "linux")
        self.opened = []

        def open_(url):
            self.opened.append(url)
            raise OSError("no browser")

        monkeypatch.setattr(opening.webbrowser, "open", open_)

        class Now:
            def __init__(self, target, args, **_):
                self.start = lambda: target(*args)

        monkeypatch.setattr(opening, "Thread", Now)

    def test_a_browser_that_dies_is_no_matter(self, capsys, monkeypatch):
        monkeypatch.setenv("DISPLAY", ":0")
        announce("http://127.0.0.1:8000/#token=a")
        assert self.opened == ["http://127.0.0.1:8000/#token=a"]
        assert capsys.readouterr() == ("", "watching at http://127.0.0.1:8000/#token=a\n")

    def test_none_is_tried_without_a_screen_or_a_wish(self, capsys, monkeypatch):
        announce("http://127.0.0.1:8000/")
        monkeypatch.setenv("DISPLAY", ":0")
        announce("http://127.0.0.1:8000/", open_browser=False)
        assert self.opened == []
        assert capsys.readouterr().err.count("watching at") == 2

    def test_over_ssh_it_says_how_to_forward(self, capsys, monkeypatch):
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 51000 10.0.0.9 22")
        monkeypatch.setattr(opening.getpass, "getuser", lambda: "ann")
        announce("http://127.0.0.1:8000/#token=a")
        said = capsys.readouterr().err.splitlines()
        assert self.opened == []
        assert said[1].strip() == "ssh -L 8000:127.0.0.1:8000 ann@10.0.0.9"
        assert said[2] == "watching at http://127.0.0.1:8000/#token=a"
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 51000 10.0.0.9 2222")
        assert forwarding_line(1) == "ssh -L 1:127.0.0.1:1 -p 2222 ann@10.0.0.9"

    def test_a_user_without_a_name(self, monkeypatch):
        def nobody():
            raise OSError("no username")

        monkeypatch.setattr(opening.getpass, "getuser", nobody)
        monkeypatch.setenv("SSH_CONNECTION", "odd")
        assert forwarding_line(1) == "ssh -L 1:127.0.0.1:1 user@host"

    def test_nobody_listens(self, monkeypatch):
        monkeypatch.setattr(opening.sys, "stderr", None)
        announce("http://127.0.0.1:8000/")
