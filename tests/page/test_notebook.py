"""The notebook's widget in a browser: a page that plays JupyterLab's part hands it a run, and hears its commands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clearprop as cp
from clearprop.live.commands import Commands
from clearprop.live.messages import encode
from clearprop.live.recording import Recording
from clearprop.live.saved import report
from clearprop.live.saved.recorded import recorded
from clearprop.live.watching import CONTROLS, Watching

HOST = """<!doctype html><meta charset="utf-8"><title>a notebook</title><div id="out"></div>
<script type="module">
const state = STATE, listeners = new Set();
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.sent = [];
window.hear = (content, buffers) => listeners.forEach((each) => each(content, buffers.map(bytes)));
const model = {
    get: (name) => state[name], send: (content) => window.sent.push(content),
    on: (_, listener) => listeners.add(listener), off: (_, listener) => listeners.delete(listener),
};
const url = URL.createObjectURL(new Blob([state._esm], {type: "text/javascript"}));
const widget = (await import(url)).default;
widget.initialize({model});
widget.render({model, el: document.getElementById("out")});
window.ready = true;
</script>"""


def test_the_widget_shows_a_run_and_hands_its_commands_on(open_page: Callable[..., Any], tmp_path: Path) -> None:
    recording = Recording()
    watching = Watching(recording, Commands())
    watching.always = True
    hello = {name: [] for name in ("optimizers", "activations", "losses", "datasets")}
    recording.tell({"type": "hello", "version": 1, "title": "t", "controls": list(CONTROLS), "lesson": None, **hello})
    x, y = cp.datasets.make("moons", 40)
    network = cp.Network(2, [cp.Dense(3, "tanh"), cp.Dense(1, "sigmoid")])
    cp.train(
        network, x, y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[watching], engine="reference"
    )  # fmt: skip
    recording.publish({**recording.state, "phase": "paused"}, recording.branch(0))
    state = {"_esm": report.asset("widget.js"), "_page": report.page("Clearprop", None), "_height": 700}
    (tmp_path / "host.html").write_text(HOST.replace("STATE", json.dumps(state).replace("</", "<\\/")))
    view = open_page((tmp_path / "host.html").as_uri())
    view.page.wait_for_function("window.ready")
    assert view.page.evaluate("window.sent") == [{"type": "open"}]
    told = [base64.b64encode(message).decode() for message in recorded(recording).messages()]
    view.page.evaluate("told => window.hear({type: 'messages', turn: 0, fresh: true}, told)", told)
    frame = view.page.frame_locator("iframe")
    frame.locator("header [data-step='20']").wait_for()
    assert float(frame.locator("header [data-loss]").get_attribute("data-loss")) == pytest.approx(
        recording.branch(0).history.last("loss"), abs=1e-12
    )
    frame.locator("[data-command='play']").first.click()
    view.until(lambda: len(view.page.evaluate("window.sent")) > 1, "a command")
    command = view.page.evaluate("window.sent.find((each) => each.type === 'command')")
    assert command["name"] == "play"
    answer = {
        "type": "answer",
        "client": command["client"],
        "id": command["id"],
        "ok": False,
        "error": "not now, please",
    }
    view.page.evaluate("answer => window.hear(answer, [])", answer)
    frame.get_by_text("not now, please").wait_for()
    later = base64.b64encode(encode({**recording.state, "type": "state", "phase": "finished"})).decode()
    view.page.evaluate("later => window.hear({type: 'messages', turn: 1, fresh: false}, [later])", later)
    frame.locator("[data-state='finished']").wait_for()
    assert view.page.evaluate("getComputedStyle(document.body).margin") == "8px"  # its style stays in its frame
