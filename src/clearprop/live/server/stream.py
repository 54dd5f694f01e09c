"""The stream: what one viewer sees of the run, as fast as it reads and no faster."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import thread_time
from typing import TYPE_CHECKING

from clearprop.live.cursor import HEARTBEAT, Cursor

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from clearprop.live.recording import Recording
    from clearprop.live.server.limits import Places

_PART = 256 * 1024  # bytes that are handed on before the client must have taken them


class Stream:
    """An answer that goes on until the client leaves: the recording's messages, one after another.

    Nothing waits here for a slow client: each part is awaited until it is taken, and what to send next is asked then.

    Parameters
    ----------
    recording : Recording
        What is watched.
    client : str
        The viewer's name for itself.
    places : Places
        One is held while the stream goes on.
    turn : float
        The least seconds from one sending to the next.
    """

    def __init__(self, recording: Recording, client: str, places: Places, turn: float) -> None:
        self._recording, self._places, self._turn = recording, places, turn
        self._cursor = Cursor(client=client)
        self._woken = asyncio.Event()
        self._pending = False  # a call of the loop is under way already: one is enough

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stream."""
        with self._places.taken():
            loop = asyncio.get_running_loop()
            leave = self._recording.listen(lambda: self._wake(loop))
            gone = loop.create_task(self._leaving(receive))
            try:
                kind = (b"content-type", b"application/octet-stream")
                await send({"type": "http.response.start", "status": 200, "headers": [kind]})
                while not gone.done():
                    await self._take_turn(loop, gone, send)
            except asyncio.CancelledError:  # the server stops: an end that the browser takes for one
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await send({"type": "http.response.body"})
                raise
            finally:
                leave()
                gone.cancel()

    async def _take_turn(self, loop: asyncio.AbstractEventLoop, gone: asyncio.Task[None], send: Send) -> None:
        began = loop.time()
        self._pending = False
        self._woken.clear()
        messages = b"".join(self._recording.messages(self._cursor))  # each that is handed on alone costs as much again
        for start in range(0, len(messages), _PART):
            if gone.done():
                return
            part = messages[start : start + _PART]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        self._recording.sending = thread_time()
        if not messages:
            timer = loop.call_later(HEARTBEAT / 2, self._woken.set)
            await self._woken.wait()
            timer.cancel()
        await asyncio.sleep(max(0.0, began + self._turn - loop.time()))

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the stream look again; called by training, from its thread, so quick and without errors."""
        if not self._pending:
            self._pending = True
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._woken.set)

    async def _leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._woken.set()
