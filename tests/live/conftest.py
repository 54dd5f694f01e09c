"""A server of a small recording, and a client that can say anything to it, byte by byte."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clearprop.errors import InputError
from clearprop.live.recording import Recording
from clearprop.live.server import Limits, Server
from clearprop.live.sources.uploads import Uploads

for _name in ("worked", "running"):  # which several files of tests import from
    _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FakeCommands:
    """Answers every command at once; `hang` never, `bad` with a sentence, `broken` with a bug."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, dict[str, Any]]] = []
        self.hanging: list[Future[dict[str, Any]]] = []

    def submit(self, client: str, name: str, values: dict[str, Any]) -> Future[dict[str, Any]]:
        self.heard.append((client, name, values))
        future: Future[dict[str, Any]] = Future()
        if name == "hang":
            self.hanging.append(future)
        elif name == "bad":
            future.set_exception(InputError("expected a rate above 0; got -1"))
        elif name == "broken":
            future.set_exception(KeyError("the password is swordfish"))
        else:
            future.set_result({"branch": 3})
        return future


class Site:
    """A running server, and requests to it as its own page would make them, unless told otherwise."""

    def __init__(self, server: Server, recording: Recording, commands: FakeCommands) -> None:
        self.server, self.recording, self.commands = server, recording, commands
        url = server.start()
        self.origin, _, self.token = url.partition("/#token=")
        self.port = int(self.origin.rpartition(":")[2])
        self.cookie = ""
        self.sockets: list[socket.socket] = []

    def connect(self, receive: int = 0) -> socket.socket:
        link = socket.socket()
        if receive:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        link.settimeout(10)
        link.connect(("127.0.0.1", self.port))
        self.sockets.append(link)
        return link

    def head(self, method: str, target: str, **headers: str | None) -> bytes:
        """A request's header; a header given as None is left out."""
        own: dict[str, str | None] = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie or None}
        if method == "POST":
            own["Origin"] = self.origin
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in own.items() if value is not None),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def ask(self, method: str, target: str, body: bytes | dict[str, Any] = b"", **headers: str | None) -> Answer:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        if method == "POST":
            headers = {"Content_Length": str(len(data))} | headers
        return self.say(self.head(method, target, **headers) + data)

    def get(self, target: str, **headers: str | None) -> Answer:
        return self.ask("GET", target, **headers)

    def post(self, target: str, body: bytes | dict[str, Any] = b"", **headers: str | None) -> Answer:
        return self.ask("POST", target, body, **headers)

    def say(self, data: bytes) -> Answer:
        link = self.connect()
        with contextlib.suppress(ConnectionError):  # the answer may come before all has been sent
            link.sendall(data)
        try:
            return answer(link, data[:4])
        finally:
            link.close()

    def enter(self) -> None:
        """Exchange a token for a session."""
        self.token = self.server.link().partition("=")[2]  # one that is still good
        token = self.server.link().partition("=")[2]
        entered = self.post("/session", {"token": token})
        assert entered.status == 200
        self.cookie = entered.headers["set-cookie"].partition(";")[0]

    def stream(self, client: str = "page", receive: int = 0) -> socket.socket:
        link = self.connect(receive)
        link.sendall(self.head("GET", f"/stream?client={client}"))
        return link

    def close(self) -> None:
        self.server.stop()
        for link in self.sockets:
            link.close()


def answer(link: socket.socket, method: bytes = b"") -> Answer:
    response = HTTPResponse(link, method="HEAD" if method == b"HEAD" else None)  # which has no body
    response.begin()
    found = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    response.close()
    return found


def wait_for(what: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def tools() -> Any:
    """What tests of the server share: `answer(socket)` and `wait_for(condition)`."""
    return NamedTuple("Tools", [("answer", Any), ("wait_for", Any)])(answer, wait_for)


def _servers() -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def start(*, host: str = "127.0.0.1", port: int = 0, enter: bool = True, **limits: float) -> Site:
        recording, commands = Recording(), FakeCommands()
        recording.tell({"type": "hello", "version": 1})
        bounds = Limits(**limits)  # pyright: ignore[reportArgumentType] - each by its own type
        site = Site(Server(recording, commands, Uploads(), host=host, port=port, limits=bounds), recording, commands)
        sites.append(site)
        if enter:
            site.enter()
        return site

    yield start
    for site in sites:
        site.close()


serve = pytest.fixture(_servers, name="serve")
"""Start a server with some limits; it is stopped after the test."""
_serve_longer = pytest.fixture(_servers, name="serve_longer", scope="module")


@pytest.fixture(scope="module")
def shared_site(serve_longer: Callable[..., Site]) -> Site:
    return serve_longer()


@pytest.fixture
def site(shared_site: Site) -> Site:
    """A server with the usual limits, shared by a file's tests, and a session."""
    shared_site.commands.heard.clear()
    shared_site.enter()
    return shared_site
