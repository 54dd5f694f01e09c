"""``watch``: train on a page that may change everything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from math import ceil
from typing import Any

import numpy as np

from clearprop.engines.choice import EngineName
from clearprop.errors import InputError
from clearprop.live.callback import check_record, hello
from clearprop.live.commands import Commands
from clearprop.live.controls import CONTROLS
from clearprop.live.data import Data
from clearprop.live.following import MORE
from clearprop.live.opening import announce
from clearprop.live.pace import LADDER
from clearprop.live.recording import Recording
from clearprop.live.session import Session
from clearprop.live.setup import Setup, offered
from clearprop.live.sources.arrays import from_arrays
from clearprop.live.sources.uploads import Uploads
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.result import Result
from clearprop.schedules import Schedule
from clearprop.settings import check_number, check_whole
from clearprop.streams import seed_of
from clearprop.training.callbacks import Callback, ReduceOnPlateau
from clearprop.training.metrics import Metric

_SEEDS = 2**53  # those that a page can hold as they are


def watch(
    network: Network,
    x: Any = None,
    y: Any = None,
    *,
    loss: str | Loss,
    optimizer: str | Optimizer = "adam",
    steps: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    parameters: Parameters | None = None,
    validation_data: Sequence[Any] | None = None,
    metrics: Iterable[str | Metric] = (),
    schedule: str | Schedule | ReduceOnPlateau = "constant",
    l1: float = 0.0,
    l2: float = 0.0,
    clip: str | Clip | None = None,
    callbacks: Iterable[Callback] = (),
    dtype: Any = None,
    engine: EngineName = "reference",
    rng: int | np.random.Generator | None = None,
    data: Data | None = None,
    uploads: Uploads | None = None,
    title: str = "",
    lesson: str | None = None,
    paused: bool = False,
    pace: float | None = None,
    open_browser: bool = True,
    host: str = "127.0.0.1",
    port: int = 0,
    frames_per_second: float = LADDER[0],
    record: str | os.PathLike[str] | None = None,
) -> Result:
    """Train a network on a page in the browser that can pause, rewind, branch off and change all settings.

    It returns when the page says that it is enough, or at Ctrl-C; until then the page stays, at the end of the run,
    too. It needs ``pip install 'clearprop[live]'``.

    Parameters
    ----------
    network, x, y, loss, optimizer, steps, epochs, batch_size, shuffle, parameters, metrics, schedule, l1, l2, clip, \
callbacks, dtype, rng
        As for ``train``; the page may change most of them.
    engine : "reference", "auto" or "compiled"
        The one that can be read begins at once; compiling takes most of a minute the first time on a machine, and the
        page would wait for it.
    validation_data : (x, y), optional
        Rows to validate on.
    data : Data, optional
        In the place of x, y and validation_data: rows with the names of what is in them, as
        ``clearprop.live.sources.make`` returns them.
    uploads : Uploads, optional
        Where the tables lie that the page may choose from.
    title : str
        What the page is called.
    lesson : str, optional
        The name of a lesson to be shown beside: ``"moons"``.
    paused : bool
        Whether to wait for the page's ``play`` before the first update.
    pace : float, optional
        The most updates a second at first; the page may change it.
    open_browser, host, port, frames_per_second, record
        As for ``Live``.

    Returns
    -------
    Result
        That of the run that was trained last.

    Raises
    ------
    InputError, InputTypeError, TooLargeError
        As ``train`` does, for anything that can't be used.

    Examples
    --------
    >>> import clearprop as cp
    >>> x, y = cp.datasets.make("moons", 200)
    >>> network = cp.Network(2, [cp.Dense(16, "tanh"), cp.Dense(1, "sigmoid")])
    >>> result = cp.watch(network, x, y, loss="binary_cross_entropy", steps=5000)  # doctest: +SKIP
    """
    objective = Loss.resolve(loss)
    if data is None:
        data = from_arrays(x, y, network=network, loss=objective, validation=validation_data)
    elif x is not None or y is not None or validation_data is not None:
        raise InputError("the data are given already; leave out x, y and validation_data, or data")
    if (steps is None) == (epochs is None):
        raise InputError("say how long to train: either steps= (updates) or epochs= (passes over the rows)")
    per_epoch = 1 if batch_size is None else ceil(len(data.x) / check_whole(batch_size, "batch_size"))
    length = check_whole(steps, "steps") if epochs is None else check_whole(epochs, "epochs") * per_epoch
    setup = Setup(
        network, data, objective, Optimizer.resolve(optimizer), length, seed_of(rng) % _SEEDS, batch_size, shuffle,
        tuple(metrics), schedule, l1, l2, None if clip is None else Clip.resolve(clip), parameters, dtype, engine,
        tuple(callbacks),
    )  # fmt: skip
    path = check_record(record)
    if pace is not None:
        check_number(pace, "pace", above=0)
    from clearprop.live.server import Server

    recording, commands, uploads = Recording(), Commands(), uploads or Uploads()
    names = offered(setup)
    recording.tell(hello(title or data.name, (*CONTROLS, *MORE), lesson=lesson, **names))
    session = Session(setup, recording, commands, uploads, paused=paused, frames_per_second=frames_per_second)
    session.watching.always, session.watching.pace.wanted = path is not None, pace
    server = Server(recording, commands, uploads, host=host, port=port)
    announce(server.start(), open_browser)
    try:
        result = session.run()
    finally:
        commands.close("the run has been ended")
        session.close()
        with suppress(KeyboardInterrupt):  # who can't wait gets the result all the same
            recording.wait_until_seen(1.0)
        server.stop()
        if path is not None and session.has_begun:  # who can't even wait for the next step keeps what there was
            from clearprop.live.saved.recorded import save

            save(recording, path)
    return result
