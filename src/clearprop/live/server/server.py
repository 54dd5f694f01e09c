"""The server's thread: it begins to listen, it ends; whatever happens in it stays in it."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from clearprop.live.server.addresses import allowed_hosts, is_loopback, listen, origin
from clearprop.live.server.assets import load_assets
from clearprop.live.server.guard import Guard
from clearprop.live.server.limits import Limits
from clearprop.live.server.protocol import BoundedProtocol
from clearprop.live.server.routes import Routes
from clearprop.live.server.sessions import Sessions

if TYPE_CHECKING:
    from clearprop.live.commands import Commands
    from clearprop.live.recording import Recording
    from clearprop.live.sources.uploads import Uploads

logger = logging.getLogger("clearprop.live")
_LAST_WORDS = 0.05  # seconds, in which the last command is answered and each stream has another turn


class Server:
    """Serves the live page of one recording, from a thread of its own, to browsers on this machine.

    Parameters
    ----------
    recording : Recording
        What viewers see.
    commands : Commands
        Where their commands go.
    uploads : Uploads
        Where their files go.
    host : str, default="127.0.0.1"
        The address to listen at. One that other machines can reach is warned of.
    port : int, default=0
        0 takes a free one.
    limits : Limits
        What the network side may take.

    Examples
    --------
    >>> from clearprop.live.recording import Recording
    >>> server = Server(Recording(), commands=None, uploads=None)
    >>> server.start().partition("#")[0]
    'http://127.0.0.1:.../'
    >>> server.stop()
    """

    def __init__(
        self,
        recording: Recording,
        commands: Commands,
        uploads: Uploads,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self._recording, self._commands, self._uploads = recording, commands, uploads
        self._host, self._port = host, port
        self._limits = limits or Limits()
        self._sessions = Sessions()
        self._running: _Running | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Begin to listen; return the page's address with a token that opens it once.

        Raises
        ------
        InputError
            If the port is taken or the host isn't an address of this machine.
        """
        if self._running is not None:
            return self.link()
        listener = listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        if not is_loopback(self._host):
            print(  # noqa: T201 - a warning for whoever started the run, in its terminal
                f"clearprop: the page at {self._host} port {self._port} can be reached from other machines, and "
                "travels unencrypted: whoever has its link sees the data and controls the run",
                file=sys.stderr,
            )
        self._running = self._make()
        self._thread = threading.Thread(
            target=self._run, args=(self._running, listener), name="clearprop-page", daemon=True
        )
        self._thread.start()
        self._running.listening.wait()
        return self.link()

    def link(self) -> str:
        """Return the page's address with another token that opens it once."""
        return f"{origin(self._host, self._port)}/#token={self._sessions.token()}"

    def stop(self) -> None:
        """End the streams and the thread; without a start, or a second time, nothing happens."""
        if self._running is not None and self._thread is not None:
            self._running.should_exit = True
            self._thread.join()
            self._running = self._thread = None

    def _make(self) -> _Running:
        # Cookies don't tell ports apart: the name must, or two runs' pages would sign each other out.
        cookie = f"clearprop-{self._port}"
        worker = ThreadPoolExecutor(1, "clearprop-answers")
        routes = Routes(
            self._recording,
            self._commands,
            self._uploads,
            assets=load_assets(),
            sessions=self._sessions,
            cookie=cookie,
            worker=worker,
            limits=self._limits,
        )
        guard = Guard(
            routes,
            hosts=allowed_hosts(self._host, self._port),
            open_paths=routes.open_paths,
            sessions=self._sessions,
            cookie=cookie,
            limits=self._limits,
        )
        config = uvicorn.Config(
            guard,
            http=cast("Any", partial(BoundedProtocol, limits=self._limits)),  # called like the class that it stands for
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=self._limits.connections,
            h11_max_incomplete_event_size=self._limits.header_bytes,
        )
        return _Running(config, worker)

    @staticmethod
    def _run(running: _Running, listener: socket.socket) -> None:
        try:
            asyncio.run(running.serve([listener]))
        except BaseException:  # whatever it is, it isn't training's: this thread ends, and nothing else
            logger.exception("the live page's server has ended; training goes on without it")
        finally:
            listener.close()
            running.worker.shutdown(wait=False, cancel_futures=True)
            running.listening.set()


class _Running(uvicorn.Server):
    """uvicorn's server, which says when it listens and doesn't wait for anybody when it ends."""

    def __init__(self, config: uvicorn.Config, worker: ThreadPoolExecutor) -> None:
        super().__init__(config)
        self.worker = worker
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_note)
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(_LAST_WORDS)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=0.5)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def _note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logger.debug("the live page's event loop: %s", context.get("message"), exc_info=context.get("exception"))
