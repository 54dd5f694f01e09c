"""``Live``: any run, watched in the browser."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from clearprop.errors import FileError
from clearprop.live.commands import Commands
from clearprop.live.controls import CONTROLS
from clearprop.live.opening import announce
from clearprop.live.pace import LADDER
from clearprop.live.recording import Recording
from clearprop.live.sources.arrays import from_training
from clearprop.live.watching import Watching
from clearprop.training.callbacks import Names
from clearprop.training.loop import Training

VERSION = 1
"""Of what travels between a run and its page."""
_PATIENCE = 5.0  # seconds that a run's end waits for the browser that it has opened
_OVER = "the run has ended; start it with watch(...), or with clearprop play, to go on from the page"


class Live(Watching):
    """Opens a page that shows the run while it trains: ``train(..., callbacks=[Live()])``, or an estimator's.

    From the page it can be paused, done step by step, slowed down and given another rate; ``watch`` gives all
    controls. Whatever happens to the page, training goes on, with the same numbers. Its server listens on this machine
    alone, and needs ``pip install 'clearprop[live]'``.

    Parameters
    ----------
    open_browser : bool
        Otherwise the address is only printed.
    host : str
        The address to listen at; another than the default lets others on the network in who know the link.
    port : int
        0 for one that is free.
    frames_per_second : float
        The most pictures a second; fewer are taken where they would cost more than 2 % of the time.
    record : path, optional
        Where to write the recording when the run ends, for ``clearprop report``.

    Attributes
    ----------
    url : str
        The page's address, once a run has begun. Its link lets one browser in.

    Examples
    --------
    >>> import clearprop as cp
    >>> x, y = cp.datasets.make("moons", 50)
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> live = Live(open_browser=False)
    >>> _ = cp.train(network, x, y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[live])
    >>> live.close()
    """

    def __init__(
        self,
        *,
        open_browser: bool = True,
        host: str = "127.0.0.1",
        port: int = 0,
        frames_per_second: float = LADDER[0],
        record: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(Recording(), Commands(), frames_per_second=frames_per_second)
        self._options: dict[str, Any] = {
            "open_browser": open_browser, "host": host, "port": port, "frames_per_second": frames_per_second,
            "record": record,
        }  # fmt: skip
        self._record, self.always = check_record(record), record is not None
        self._server: Any = None
        self._names: Names | None = None
        self._shown: Names | None = None
        self.url = ""

    def on_names(self, names: Names) -> None:
        """Show the next run's table by these names."""
        self._names = names

    def on_start(self, training: Training) -> None:
        """Open the page, at the first run, and begin a branch."""
        if self._server is None:
            from clearprop.live.server import Server
            from clearprop.live.sources.uploads import Uploads

            self.recording.tell(hello("Clearprop", CONTROLS))
            self._server = Server(
                self.recording, self.commands, Uploads(), host=self._options["host"], port=self._options["port"]
            )
            self.url = self._server.start()
            announce(self.url, self._options["open_browser"])
        self.commands.open()
        self._begun = perf_counter()
        self._name_table(training)
        super().on_start(training)

    def on_end(self, training: Training) -> None:
        """Let the page have the end of the run, and write the recording."""
        super().on_end(training)
        self.commands.close(_OVER)
        if self._record is not None:
            from clearprop.live.saved.recorded import save

            save(self.recording, self._record)
        opened = self._options["open_browser"]
        if opened or self.recording.watched:  # a script ends here, and its process with it
            self.recording.wait_until_seen(max(1.0, _PATIENCE - (perf_counter() - self._begun)) if opened else 1.0)

    def on_diverged(self, training: Training, error: Any) -> None:
        """Show where the run has diverged; the error is raised as ever."""
        super().on_diverged(training, error)
        self.commands.close(_OVER)

    def _name_table(self, training: Training) -> None:
        """Show an estimator's table by its names; runs on other rows of the same columns share the first one's."""
        names, self._names = self._names, None
        if names == self._shown:
            return
        self._shown = names
        self.learn_from(from_training(training, names))

    def close(self) -> None:
        """End the page's server; the page keeps what it has. Without it the server ends with the process."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from clearprop.live.saved.widget import mimebundle

        return mimebundle(self.recording, self.commands)

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self  # clones of an estimator are watched on one page

    def __reduce__(self) -> tuple[Any, ...]:  # another process opens a page of its own
        return _remade, (type(self), self._options)


def hello(title: str, controls: tuple[str, ...], *, lesson: str | None = None, **names: list[str]) -> dict[str, Any]:
    """Return a page's first message: what the run is called, and what can be done to it."""
    empty: dict[str, Any] = {name: [] for name in ("optimizers", "activations", "losses", "datasets")}
    said: dict[str, Any] = {"title": title, "controls": list(controls), "lesson": lesson}
    return {"type": "hello", "version": VERSION} | said | empty | names


def check_record(record: str | os.PathLike[str] | None) -> Path | None:
    """Return where a recording is to go, checked before any work is done.

    Raises
    ------
    FileError
        If its folder isn't there, or something else than a recording would be replaced.
    """
    if record is None:
        return None
    from clearprop.storage import is_model_file

    path = Path(record)
    if not path.absolute().parent.is_dir():
        raise FileError(f"{path}: the folder {path.parent} doesn't exist; make it first")
    if path.is_dir() or (path.exists() and not is_model_file(path)):
        raise FileError(f"{path}: it isn't a recording, so it is left as it is; choose another name")
    return path


def _remade(kind: type[Live], options: dict[str, Any]) -> Live:
    return kind(**options)
