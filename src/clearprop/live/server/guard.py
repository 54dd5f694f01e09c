"""The guard before the routes: who asks, under which name, from which page, and how; nothing is answered without it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from clearprop.live.server.answers import NO_STORE, SECURITY, Refused
from clearprop.live.server.bodies import Gone

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from clearprop.live.server.limits import Limits
    from clearprop.live.server.sessions import Sessions

logger = logging.getLogger("clearprop.live")
_LONGEST_TARGET = 4096  # bytes of a path with its query


class Guard:
    """Refuses what doesn't come from this server's own page, and puts the security headers on every answer.

    Parameters
    ----------
    app : ASGI application
        The routes; what they raise is answered here.
    hosts : collection of str
        The Host headers that are let in, each with its port; compared whole.
    open_paths : collection of str
        What is answered without a session: the page's files, and the exchange of a token for a session.
    cookie : str
        The name of the session's cookie.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        open_paths: Collection[str],
        sessions: Sessions,
        cookie: str,
        limits: Limits,
    ) -> None:
        self._app, self._sessions, self._limits = app, sessions, limits
        self._hosts = frozenset(host.encode() for host in hosts)
        self._origins = frozenset(b"http://" + host for host in self._hosts)
        self._open = frozenset(path.encode() for path in open_paths)
        self._cookie = cookie.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"expected an HTTP request; got {scope['type']!r}, which this server doesn't offer")
        answer = _Answer(scope, receive, send)
        try:
            self._check(scope)
            await self._app(scope, answer.receive, answer.send)
        except Refused as refused:
            await answer.refuse(refused)
        except Gone:
            pass  # nobody is left to answer
        except Exception:
            logger.exception("the live page's server failed to answer a request; training isn't concerned")
            await answer.refuse(Refused(500, "internal error"))

    def _check(self, scope: Scope) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        method, path = scope["method"], scope["raw_path"]
        hosts, origins = _values(headers, b"host"), _values(headers, b"origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise Refused(403, "this server answers only under its own address: open the link that was printed")
        if any(value not in (b"same-origin", b"none") for value in _values(headers, b"sec-fetch-site")):
            raise Refused(403, "this came from another page: copy the link into the browser's address bar")
        if method not in ("GET", "POST"):
            raise Refused(405, "this server knows GET and POST only", [(b"allow", b"GET, POST")])
        if (
            any(value not in self._origins for value in origins)
            or len(origins) > 1
            or (method == "POST" and not origins)
        ):
            raise Refused(403, "this came from another page or from none: only this server's own page is heard")
        if not path.startswith(b"/"):
            raise Refused(400, "expected a path that begins with /")
        if len(path) + len(scope["query_string"]) > _LONGEST_TARGET:
            raise Refused(414, f"expected an address of at most {_LONGEST_TARGET} bytes")
        if sum(len(name) + len(value) for name, value in headers) > self._limits.header_bytes:
            raise Refused(431, f"expected headers of at most {self._limits.header_bytes} bytes")
        if method == "GET" and _has_body(headers):
            raise Refused(400, "a GET request has no body here")
        if path not in self._open and not self._knows(headers):
            raise Refused(401, "there is no session: open the link that was printed, or a new one from an open page")

    def _knows(self, headers: list[tuple[bytes, bytes]]) -> bool:
        pairs = [pair.strip().partition(b"=") for value in _values(headers, b"cookie") for pair in value.split(b";")]
        given = [value.decode("latin-1") for name, _, value in pairs if name == self._cookie]
        return any(self._sessions.knows(value) for value in given[:4])


class _Answer:
    """The way back to the client, which adds the headers and knows how far the request and its answer have come."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._read = not _has_body(scope["headers"])
        self._started = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._read = True
        return message

    async def send(self, message: Any) -> None:  # a message of ASGI: a dictionary of many shapes
        if message["type"] == "http.response.start":
            self._started = True
            headers = [*message.get("headers", []), *SECURITY]
            if not _values(headers, b"cache-control"):
                headers.append(NO_STORE)
            if not self._read:  # the rest of a body that nobody wants isn't waited for
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        if self._started:
            raise ConnectionAbortedError  # half an answer is out: all that is left is to close the connection
        body = refused.body
        type_and_length = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        start = {
            "type": "http.response.start",
            "status": refused.status,
            "headers": [*type_and_length, *refused.headers],
        }
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _values(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for known, value in headers if known == name]


def _has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return bool(_values(headers, b"transfer-encoding")) or any(
        value.strip() != b"0" for value in _values(headers, b"content-length")
    )
