"""The routes: the page's files, the session, the stream, and what a viewer may ask for and upload."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clearprop.errors import ClearpropError
from clearprop.live.messages import encode
from clearprop.live.server.answers import Refused
from clearprop.live.server.bodies import read_body, read_json
from clearprop.live.server.limits import Limits, Places
from clearprop.live.server.stream import Stream

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from clearprop.live.commands import Commands
    from clearprop.live.recording import Recording
    from clearprop.live.server.assets import Asset
    from clearprop.live.server.sessions import Sessions
    from clearprop.live.sources.uploads import Uploads

logger = logging.getLogger("clearprop.live")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # of a client, a command, a question
_NOT_BUILT = "The page isn't part of this installation: build it with `npm ci && npm run build` in the folder page/.\n"
T = TypeVar("T")


class Routes:
    """What is answered at which path; paths are compared whole, as they came.

    Parameters
    ----------
    worker : Executor
        One thread, in which questions are answered and files are read, one at a time.
    """

    def __init__(
        self,
        recording: Recording,
        commands: Commands,
        uploads: Uploads,
        *,
        assets: Mapping[str, Asset],
        sessions: Sessions,
        cookie: str,
        worker: Executor,
        limits: Limits,
    ) -> None:
        self._recording, self._commands, self._uploads = recording, commands, uploads
        self._assets, self._sessions, self._cookie, self._worker, self._limits = (
            assets,
            sessions,
            cookie,
            worker,
            limits,
        )
        self._streams = Places(limits.streams, 503, "there are too many pages open; close one")
        self._waiting = Places(limits.commands, 429, "too many commands wait to be applied; try again in a moment")
        self._asked = Places(limits.asks + 1, 429, "too many questions wait to be answered; try again in a moment")
        self._incoming = Places(limits.uploads, 429, "other files are being uploaded; try again in a moment")
        self._table: dict[str, tuple[str, Callable[[Request], Awaitable[ASGIApp]]]] = {
            "/": ("GET", self._page),
            **dict.fromkeys(assets, ("GET", self._page)),
            "/session": ("POST", self._session),
            "/link": ("POST", self._link),
            "/stream": ("GET", self._stream),
            "/command": ("POST", self._command),
            "/ask": ("POST", self._ask),
            "/upload": ("POST", self._upload),
        }

    @property
    def open_paths(self) -> list[str]:
        """What is answered without a session."""
        return ["/", "/session", *self._assets]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["raw_path"].decode("latin-1")
        if path not in self._table:
            raise Refused(404, "there is nothing at this address")
        method, handler = self._table[path]
        if scope["method"] != method:
            raise Refused(405, f"{path} is for {method} only", [(b"allow", method.encode())])
        answer = await handler(Request(scope, receive))
        await answer(scope, receive, send)

    async def _page(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        if path not in self._assets:
            return Response(_NOT_BUILT, 503, media_type="text/plain")
        asset = self._assets[path]
        kept = "no-store" if path == "/" else "no-cache"
        return Response(asset.content, headers={"content-type": asset.type, "cache-control": kept})

    async def _session(self, request: Request) -> Response:
        token = (await self._json(request)).get("token")
        cookie = self._sessions.exchange(token) if isinstance(token, str) else None
        if cookie is None:
            raise Refused(
                403, "this link is wrong or has been used: ask for a new one, on an open page or where it was printed"
            )
        answer = JSONResponse({"ok": True})
        answer.set_cookie(self._cookie, cookie, httponly=True, samesite="strict")
        return answer

    async def _link(self, request: Request) -> Response:
        await read_body(request, self._limits.body_bytes, self._limits.body_seconds)
        return JSONResponse({"token": self._sessions.token()})

    async def _stream(self, request: Request) -> Stream:
        client = _name(request.query_params.get("client"), "client")
        return Stream(self._recording, client, self._streams, 1 / self._limits.turns_per_second)

    async def _command(self, request: Request) -> Response:
        values = await self._json(request)
        client, name = _name(values.pop("client", None), "client"), _name(values.pop("name", None), "name")
        with self._waiting.taken():
            answer = await _outcome(
                lambda: self._commands.submit(client, name, values),
                "the run hasn't come to a step boundary yet; the command still waits there",
                self._limits.command_seconds,
            )
        return JSONResponse({"ok": True, **answer})

    async def _ask(self, request: Request) -> Response:
        values = await self._json(request)
        what = _name(values.pop("what", None), "what")
        with self._asked.taken():
            message = await _outcome(lambda: self._worker.submit(_answer, self._recording, what, values))
        return Response(message, media_type="application/octet-stream")

    async def _upload(self, request: Request) -> Response:
        name = request.query_params.get("name", "")
        if not 0 < len(name) <= 255 or not name.isprintable():
            raise Refused(400, "expected the file's name, of at most 255 characters, as ?name=")
        with self._incoming.taken():
            data = await read_body(request, self._limits.upload_bytes, self._limits.upload_seconds)
            found = await _outcome(lambda: self._worker.submit(self._uploads.add, name, data))
        return JSONResponse(found)

    async def _json(self, request: Request) -> dict[str, Any]:
        return await read_json(request, self._limits.body_bytes, self._limits.body_seconds)


def _answer(recording: Recording, what: str, values: dict[str, Any]) -> bytes:
    from clearprop.live.asks import answer  # loaded by the first question, in the worker

    try:
        return answer(recording, what, values)
    except ClearpropError as error:  # no fault of the page's: the frame that it shows may just have been thinned out
        return encode({"type": "refused", "error": str(error)})


async def _outcome(begin: Callable[[], Future[T]], late: str = "", seconds: float | None = None) -> T:
    """Begin something that another thread finishes, and return its result; a ClearpropError becomes status 400.

    The future is never cancelled from here: whoever finishes it, the training loop above all, must not meet an error.
    """
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def finished(_: Future[T]) -> None:
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(done.set)

    try:
        future = begin()
        future.add_done_callback(finished)
        try:
            async with asyncio.timeout(seconds):
                await done.wait()
        except TimeoutError:
            raise Refused(503, late) from None
        return future.result()
    except ClearpropError as error:
        raise Refused(400, str(error)) from error


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refused(400, f"expected {what!r}: 1 to 64 letters, digits, or one of - _ .")
    return value
