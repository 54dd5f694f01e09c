"""``clearprop report RUN``: a recorded run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearprop.errors import FileError


def report(
    recording: Annotated[
        Path, typer.Argument(metavar="RUN", help="What `clearprop play --record` wrote.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where it goes; else RUN with .html.", show_default=False),
    ] = None,
) -> None:
    """Make one file of a recorded run that opens in any browser, without this program and without a network."""
    from clearprop.live.saved.report import write

    page = recording.with_suffix(".html") if out is None else out
    if page.resolve() == recording.resolve():
        raise FileError(f"-o {page}: that is the recording itself; choose another name")
    if page.is_dir():
        raise FileError(f"-o {page}: that is a folder; give a file's name, such as {page / 'run.html'}")
    write(recording, page)
    typer.echo(f"wrote {page}")
