"""Reading a request's body: at most so many bytes, in at most so many seconds, whatever its header says."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NoReturn, cast

from clearprop.live.server.answers import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

_GRACE = 1.0  # seconds


class Gone(Exception):  # noqa: N818 - nothing is wrong: the client left
    """The client closed the connection before its request was whole."""


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """Return a request's body.

    Raises
    ------
    Refused
        413 if it is, or says that it is, longer than ``limit`` bytes; 408 if it takes longer than ``seconds``.
    Gone
        If the client leaves.
    """
    too_long = Refused(413, f"expected at most {limit:,} bytes; send less")
    if int(request.headers.get("content-length", 0)) > limit:
        if "expect" not in request.headers:
            await _discard(request)
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                part, more = await _part(request)
                body += part
                if len(body) > limit:
                    break
    except TimeoutError:
        raise Refused(408, f"the request's body didn't come within {seconds:g} seconds") from None
    if len(body) > limit:
        if more:
            await _discard(request)
        raise too_long
    return bytes(body)


async def read_json(request: Request, limit: int, seconds: float) -> dict[str, Any]:
    """Return a request's body as a JSON object.

    Raises
    ------
    Refused
        400 if it is none; 413 and 408 as ``read_body``.
    """
    body = await read_body(request, limit, seconds)
    try:
        values: object = json.loads(body.decode(), parse_constant=_not_json)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Refused(400, "expected a JSON object in UTF-8 as the request's body")
    return cast("dict[str, Any]", values)


async def _part(request: Request) -> tuple[bytes, bool]:
    message = await request.receive()
    if message["type"] != "http.request":
        raise Gone
    return message.get("body", b""), message.get("more_body", False)


async def _discard(request: Request) -> None:
    """Let the rest go by for a moment: a client that is cut off while it sends never reads why."""
    try:
        async with asyncio.timeout(_GRACE):
            while (await _part(request))[1]:
                pass
    except TimeoutError:
        pass


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's
