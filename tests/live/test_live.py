"""``Live`` on anybody's run, and ``watch``: the page is served, and what is learnt is what it would be without."""

from __future__ import annotations

import copy
import http.client
import json
import pickle
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import DivergenceError, FileError, InputError
from clearprop.live.messages import decode
from clearprop.live.saved import recorded

X, Y = cp.datasets.make("moons", 90, seed=2)
NETWORK = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])


class Page:
    """What a browser does: exchange the token, read the stream, post commands."""

    def __init__(self, url: str) -> None:
        origin, _, token = url.partition("/#token=")
        self.address, self.links = origin.removeprefix("http://"), []
        self.headers = {"Origin": origin, "Content-Type": "application/json"}
        self.headers["Cookie"] = self._post("/session", token=token)[1].getheader("set-cookie").partition(";")[0]
        self.stream = self._connect()
        self.stream.request("GET", "/stream?client=page", headers=self.headers)
        self.body = self.stream.getresponse()

    def _connect(self) -> http.client.HTTPConnection:
        link = http.client.HTTPConnection(self.address, timeout=20)
        self.links.append(link)
        return link

    def _post(self, path: str, **values: Any) -> tuple[bytes, http.client.HTTPResponse]:
        link = self._connect()
        link.request("POST", path, json.dumps(values), self.headers)
        answer = link.getresponse()
        return answer.read(), answer

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.body.close()
        for link in self.links:
            link.close()

    def do(self, name: str, **values: Any) -> dict[str, Any]:
        return json.loads(self._post("/command", client="page", name=name, **values)[0])

    def messages(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        while prefix := self.body.read(4):
            message = decode(prefix + self.body.read(struct.unpack("<I", prefix)[0]))
            yield message.header, message.arrays

    def until(self, what: str, **wanted: Any) -> dict[str, Any]:
        for header, _ in self.messages():
            if header["type"] == what and all(header.get(name) == value for name, value in wanted.items()):
                return header
        raise AssertionError(f"the stream ended without {what} {wanted}")


@pytest.fixture
def live() -> Iterator[cp.Live]:
    shown = cp.Live(open_browser=False)
    yield shown
    shown.close()


def train(**settings: Any) -> cp.Result:
    return cp.train(NETWORK, X, Y, **({"loss": "binary_cross_entropy", "steps": 60, "rng": 0} | settings))


def test_a_run_that_is_shown_is_the_same_run(live: cp.Live, capsys: pytest.CaptureFixture[str]) -> None:
    shown = train(callbacks=[live], batch_size=16, validation_data=0.2)
    alone = train(batch_size=16, validation_data=0.2)
    np.testing.assert_array_equal(shown.progress.parameters.vector, alone.progress.parameters.vector)
    np.testing.assert_array_equal(shown.history["loss"], alone.history["loss"])
    assert f"watching at {live.url}" in capsys.readouterr().err


def test_its_page_has_the_run_when_it_is_over(live: cp.Live) -> None:
    result = train(callbacks=[live])
    kinds: dict[str, list[Any]] = {}
    with Page(live.url) as page:
        for header, arrays in page.messages():
            kinds.setdefault(header["type"], []).append((header, arrays))
            if len(kinds.get("frame", ())) == 2:
                break
        refused = page.do("play")
    assert kinds["hello"][0][0]["controls"] == [
        "play", "pause", "step", "epoch", "pace", "rate", "stop", "bookmark", "control",
    ]  # fmt: skip
    header, arrays = kinds["data"][0]
    assert (header["task"], header["classes"], header["features"]) == ("binary", ["0", "1"], ["x1", "x2"])
    np.testing.assert_allclose(arrays["x"], X, rtol=1e-6)
    assert kinds["branch"][0][0]["network"]["widths"] == [2, 5, 1]
    loss = next(arrays for header, arrays in kinds["series"] if header["name"] == "loss")
    np.testing.assert_array_equal(loss["values"], result.history["loss"])
    newest = next(arrays for header, arrays in kinds["frame"] if header["step"] == 60)
    np.testing.assert_allclose(newest["vector"], result.parameters.vector, rtol=1e-6)
    assert kinds["state"][-1][0]["phase"] == "finished"
    assert refused == {
        "error": "the run has ended; start it with watch(...), or with clearprop play, to go on from the page"
    }


def test_a_script_s_run_is_steered_while_it_lasts(live: cp.Live) -> None:
    trained: list[cp.Result] = []
    thread = Thread(
        target=lambda: trained.append(train(callbacks=[live], steps=10**8, engine="reference")), daemon=True
    )
    thread.start()
    while not live.url:
        time.sleep(0.01)
    with Page(live.url) as page:
        assert page.do("pause")["ok"]
        step = page.until("state", phase="paused")["step"]
        assert page.do("step")["ok"]
        assert page.until("state", phase="paused", step=step + 1)
        assert page.do("rate", value=0.5)["ok"]
        assert page.until("event", kind="command")["text"].endswith("→ 0.5")
        assert "belongs to a script" in page.do("rewind")["error"]
        assert page.do("stop")["ok"]
    thread.join(20)
    assert trained[0].stopped == "stopped from the page"
    assert trained[0].progress.step == step + 1


def test_a_second_run_is_a_second_branch(live: cp.Live) -> None:
    for seed in (0, 1):
        train(callbacks=[live], rng=seed)
    assert [live.recording.branch(number).header["seed"] for number in (0, 1)] == [0, 1]


def test_divergence_is_shown_and_raised(live: cp.Live) -> None:
    network = cp.Network(2, [cp.Dense(1)])
    with pytest.raises(DivergenceError) as caught:
        cp.train(network, X, Y, loss="squared", optimizer=cp.SGD(1e3), steps=500, rng=0, callbacks=[live])
    assert live.recording.state["phase"] == "diverged"
    assert live.recording.state["diverged"]["step"] == caught.value.step


@pytest.mark.filterwarnings("ignore:3 iterations ended before training converged")
@pytest.mark.parametrize("kind", ["mlp", "tabular", "regressor", "multiclass"])
def test_estimators_are_watched_too(live: cp.Live, kind: str) -> None:
    target = {"regressor": X[:, 0] * X[:, 1], "multiclass": np.where(X[:, 0] > 1, 2, Y)}.get(kind, Y)
    make = {"mlp": cp.MLPClassifier, "regressor": cp.MLPRegressor}.get(kind, cp.TabularClassifier)
    settings = {"max_epochs": 3} if make is cp.TabularClassifier else {"max_iter": 3, "hidden_layer_sizes": (4,)}
    make(callbacks=[live], random_state=0, **settings).fit(X, target)
    task = {"regressor": "regression", "multiclass": "multiclass"}.get(kind, "binary")
    assert live.recording.data(0).task == task
    assert live.recording.state["phase"] == "finished"


def test_copies_share_the_page_and_processes_have_their_own(live: cp.Live) -> None:
    assert copy.deepcopy(live) is live
    other = pickle.loads(pickle.dumps(live))  # noqa: S301 - ours
    assert other is not live
    assert other.recording is not live.recording


def test_a_recording_is_written_and_read(tmp_path: Any) -> None:
    live = cp.Live(open_browser=False, record=tmp_path / "run.safetensors")
    result = train(callbacks=[live])
    live.close()
    messages = [decode(message) for message in recorded.load(tmp_path / "run.safetensors").messages()]
    loss = next(m.arrays["values"] for m in messages if m.header["type"] == "series" and m.header["name"] == "loss")
    np.testing.assert_array_equal(loss, result.history["loss"])
    steps = [message.header["step"] for message in messages if message.header["type"] == "frame"]
    assert (min(steps), max(steps)) == (0, 60)


def test_nothing_else_is_replaced_by_a_recording(tmp_path: Any) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match="it isn't a recording, so it is left as it is"):
        cp.Live(record=tmp_path / "notes.txt")
    with pytest.raises(FileError, match="doesn't exist; make it first"):
        cp.Live(record=tmp_path / "nowhere" / "run.safetensors")


def watched(settings: dict[str, Any], steer: Any, capsys: pytest.CaptureFixture[str]) -> cp.Result:
    """Watch in another thread, and let a page steer it to its end."""
    done: list[cp.Result] = []
    thread = Thread(target=lambda: done.append(cp.watch(NETWORK, open_browser=False, rng=0, **settings)), daemon=True)
    thread.start()
    said, found = "", None
    while found is None:
        said += capsys.readouterr().err
        found = re.search(r"watching at (\S+)", said)
        assert thread.is_alive(), said
        time.sleep(0.01)
    with Page(found[1]) as page:
        steer(page)
    thread.join(20)
    assert not thread.is_alive()
    return done[0]


def test_watch_returns_what_the_page_ends_with(capsys: pytest.CaptureFixture[str]) -> None:
    def steer(page: Page) -> None:
        page.until("state", phase="finished", step=40)
        assert page.do("rewind")["branch"] == 1
        assert page.do("play")["ok"]
        page.until("state", phase="finished", step=40, branch=1)
        assert page.do("finish")["ok"]
        assert page.until("state", phase="closed")

    result = watched({"x": X, "y": Y, "loss": "binary_cross_entropy", "epochs": 40}, steer, capsys)
    alone = train(optimizer="adam", steps=40)
    np.testing.assert_array_equal(result.parameters.vector, alone.parameters.vector)


def test_watch_says_what_it_cannot_use() -> None:
    from clearprop.live.sources import make

    data = make({"kind": "dataset", "name": "moons"})
    for settings, words in [
        ({"x": X, "y": Y}, "either steps="),
        ({"x": X, "y": Y, "steps": 5, "epochs": 5}, "either steps="),
        ({"x": X, "y": Y, "data": data, "steps": 5}, "the data are given already"),
        ({"x": X, "y": Y[:-1], "steps": 5}, "they must be equal"),
        ({"x": X, "y": Y, "steps": 5, "pace": 0}, "pace must be above 0"),
        ({"x": X, "y": Y, "steps": 0}, "at least 1"),
    ]:
        with pytest.raises(InputError, match=words):
            cp.watch(NETWORK, loss="binary_cross_entropy", open_browser=False, **settings)


def test_a_script_that_is_killed_by_ctrl_c_keeps_what_it_learnt() -> None:
    code = (
        "import clearprop as cp, signal, threading, os\n"
        "x, y = cp.datasets.make('moons', 50)\n"
        "n = cp.Network(2, [cp.Dense(3, 'tanh'), cp.Dense(1, 'sigmoid')])\n"
        "threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "r = cp.watch(n, x, y, loss='binary_cross_entropy', steps=10, open_browser=False, rng=0)\n"
        "print(r.progress.step, r.stopped)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - ours
    assert done.stdout == "10 all steps done\n"


def test_importing_loads_no_server() -> None:
    code = (
        "import sys, clearprop as cp; cp.Live; cp.watch; "
        "print({'starlette', 'uvicorn', 'matplotlib', 'sklearn', 'anywidget'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - ours
    assert done.stdout == "set()\n"
