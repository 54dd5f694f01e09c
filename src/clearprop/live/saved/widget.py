"""A run in a notebook: the page in a widget (anywidget), or a still picture where no widget can run."""

from __future__ import annotations

import base64
import importlib
import logging
from concurrent.futures import Future
from functools import cache
from threading import Event, Thread
from typing import Any, NamedTuple, Protocol, cast
from weakref import WeakValueDictionary

from clearprop.errors import ClearpropError, InputError, MissingExtraError
from clearprop.live.cursor import Cursor
from clearprop.live.recording import Recording
from clearprop.live.saved.recorded import Recorded
from clearprop.live.saved.report import asset, page
from clearprop.live.saved.still import picture

_PAUSE = 0.1  # seconds between two turns at least: a notebook's wire carries the cell's output as well
_HEIGHT = 720  # pixels
_logger = logging.getLogger("clearprop.live")
_shown: WeakValueDictionary[int, Feed] = WeakValueDictionary()
"""What feeds the newest widget of a run, by the id of its recording, which lives as long as the feed does."""


class Hears(Protocol):
    """What takes a viewer's commands: ``clearprop.live.commands.Commands``."""

    def submit(self, client: str, name: str, values: dict[str, Any]) -> Future[dict[str, Any]]:
        """Take a command; the future holds its answer."""
        ...


class Asker(NamedTuple):
    """Which view asked, and by which number it knows the answer."""

    client: str
    id: int


class Feed:
    """Feeds a widget with a recording's messages, and hands its commands and questions on.

    Parameters
    ----------
    recording : Recording or Recorded
    commands : Commands or None
        None: nobody hears commands.
    send : callable
        ``send(content, buffers)`` of a widget; it may be called from any thread.
    """

    def __init__(self, recording: Recording | Recorded, commands: Hears | None, send: Any) -> None:
        self._recording, self._commands, self._send = recording, commands, send
        self._cursor, self._turn = Cursor(), 0
        self._news, self._ended, self._again = Event(), Event(), False
        self._leave = recording.listen(self._news.set)
        self._news.set()
        self._thread = Thread(target=self._run, name="clearprop-widget", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the feeding."""
        self._leave()
        self._ended.set()
        self._news.set()
        self._thread.join()

    def hear(self, content: Any) -> None:
        """Take what a widget's front end sends."""
        given = cast(dict[str, Any], content if isinstance(content, dict) else {})
        match given.get("type"):
            case "open":
                self._send({"type": "at", "turn": self._turn})
            case "again":
                self._again = True
                self._news.set()
            case "command" | "ask" as kind:
                asker = Asker(str(given.get("client")), int(given.get("id", -1)))
                name, values = str(given.get("name")), dict(given.get("values") or {})
                try:
                    (self._command if kind == "command" else self._ask)(asker, name, values)
                except Exception as error:  # noqa: BLE001 - whatever a page asks, the notebook goes on
                    self._answer(asker, error=_sentence(error))
            case _:
                pass  # another version's

    def _run(self) -> None:
        while True:
            self._news.wait(2.0)  # and the state's heartbeat
            self._news.clear()
            if self._ended.is_set():
                return
            try:
                self._tell()
            except Exception:  # a closed wire must not end the run that is watched
                _logger.exception("the widget can't be fed any more")
                return
            self._ended.wait(_PAUSE)

    def _tell(self) -> None:
        if self._again:
            self._again, self._cursor, self._turn = False, Cursor(), 0
        while not self._ended.is_set():
            messages = self._recording.messages(self._cursor)
            if not messages:
                return
            self._send({"type": "messages", "turn": self._turn, "fresh": self._turn == 0}, messages)
            self._turn += 1

    def _command(self, asker: Asker, name: str, values: dict[str, Any]) -> None:
        if self._commands is None:
            raise InputError("nobody hears commands: this is a recording, not a run")

        def done(future: Future[dict[str, Any]]) -> None:
            error = future.exception()
            if error is None:
                self._answer(asker, values=future.result())
            else:
                self._answer(asker, error=_sentence(error))

        self._commands.submit(asker.client, name, values).add_done_callback(done)

    def _ask(self, asker: Asker, name: str, values: dict[str, Any]) -> None:
        if isinstance(self._recording, Recorded):
            raise InputError("this is a recording: what needs Python needs the run itself")
        from clearprop.live.asks import answer

        self._answer(asker, values={}, buffers=[answer(self._recording, name, values)])

    def _answer(self, asker: Asker, *, buffers: list[bytes] | None = None, **found: Any) -> None:
        self._send({"type": "answer", **asker._asdict(), "ok": "error" not in found, **found}, buffers)


def widget(recording: Recording | Recorded, commands: Hears | None = None, *, height: int = _HEIGHT) -> Any:
    """Return a widget that shows a run, or a recording from a file, in a notebook.

    Parameters
    ----------
    recording : Recording or Recorded
        ``clearprop.live.saved.recorded.load(path)``, or what a run is writing.
    commands : Commands, optional
        What takes the page's commands; a kernel that is busy hears them after the cell.
    height : int
        Of the widget, in pixels.

    Returns
    -------
    anywidget.AnyWidget

    Raises
    ------
    MissingExtraError
        If anywidget isn't installed.
    """
    shown = _widget_class()(_esm=asset("widget.js"), _page=page("Clearprop", None), _height=height)
    feed = Feed(recording, commands, shown.send)

    def hear(_widget: Any, content: Any, _buffers: Any) -> None:
        feed.hear(content)

    shown.on_msg(hear)
    shown.feed = feed
    return shown


def mimebundle(recording: Recording | Recorded, commands: Hears | None = None) -> dict[str, Any]:
    """Return a run for a notebook to show: the widget, a still picture for where it can't run, and a line of text.

    A run that is shown again is fed to the newest widget only; the one before keeps what it has.
    """
    state = recording.once.get("state", {}) if isinstance(recording, Recorded) else recording.state
    bundle: dict[str, Any] = {"text/plain": f"a run of Clearprop: {state.get('phase', 'recorded')}"}
    still = picture(recording)
    if still is not None:
        bundle["image/png"] = base64.b64encode(still).decode()
    try:
        shown = widget(recording, commands)
    except MissingExtraError as error:
        return bundle | {"text/plain": f"{bundle['text/plain']} ({error})"}
    former = _shown.pop(id(recording), None)
    if former is not None:
        former.close()
    _shown[id(recording)] = shown.feed
    made: Any = shown._repr_mimebundle_()  # the protocol's name
    mime = cast(dict[str, Any], made[0] if isinstance(made, tuple) else made or {})
    return bundle | {name: value for name, value in mime.items() if name != "text/plain"}


@cache
def _widget_class() -> Any:
    try:
        anywidget: Any = importlib.import_module("anywidget")
        traitlets: Any = importlib.import_module("traitlets")
    except ImportError as error:
        raise MissingExtraError("watching in a notebook needs anywidget: pip install 'clearprop[notebook]'") from error

    traits = {
        "_page": traitlets.Unicode().tag(sync=True),
        "_height": traitlets.Int(_HEIGHT).tag(sync=True),
        "_esm": traitlets.Unicode().tag(sync=True),
        "feed": None,
        "__doc__": "A run, shown by the page in a frame.",
    }
    return type("LiveWidget", (anywidget.AnyWidget,), traits)


def _sentence(error: BaseException) -> str:
    if isinstance(error, ClearpropError):
        return str(error)
    _logger.error("a request from the widget failed", exc_info=error)
    return "internal error; the notebook's log has its traceback"
