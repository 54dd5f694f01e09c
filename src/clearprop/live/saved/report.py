"""A run as one HTML file: the page and all that it shows are inside, and it asks nothing of anybody."""

from __future__ import annotations

import base64
import hashlib
import html as markup
import os
from collections.abc import Iterable
from importlib.resources import files

from clearprop.errors import InputError
from clearprop.live.saved.recorded import Recorded, load
from clearprop.storage import write_whole

N_BYTES = 5_000_000
"""A report's size, where leaving out unmarked frames can reach it."""


def html(messages: Iterable[bytes], *, n_bytes: int = N_BYTES) -> str:
    """Return a report: an HTML page that opens from a file, is scrubbed without a server, and reaches no network.

    Parameters
    ----------
    messages : iterable of bytes
        A run, as its recording tells it to a viewer.
    n_bytes : int
        Every second unmarked frame is left out, again and again, until the page is no larger.

    Returns
    -------
    str
        Names from the data stand in it in base64 only (the run's title, escaped), so that no name is ever HTML.

    Raises
    ------
    InputError
        For messages without a frame: there is nothing to show yet.
    """
    recorded = Recorded.gather(messages)
    if not recorded.frames:
        raise InputError("the recording has no frame, so a report would be empty; train at least one step")
    title = str(recorded.once.get("hello", {}).get("title", "")) or "Clearprop"
    empty = page(title, b"")
    frames = sum(vector.nbytes for _, vector in recorded.frames.values())
    told = b"".join(recorded.messages())
    rest = len(empty.encode()) + (len(told) - frames) * 4 // 3 + 4  # base64 takes four letters for three bytes
    if rest + frames * 4 // 3 > n_bytes:
        told = b"".join(recorded.thinned((n_bytes - rest) * 3 // 4).messages())
    return page(title, told)


def write(recording: str | os.PathLike[str], out: str | os.PathLike[str]) -> None:
    """Make a report of a recording's file.

    Parameters
    ----------
    recording : path
        What ``clearprop play --record`` or ``recorded.save`` wrote.
    out : path
        The HTML file; one that is there is replaced once the new one is whole.

    Raises
    ------
    FileNotFoundError, FileError
        If there is no such recording, or it isn't one; if out's folder doesn't exist.
    """
    write_whole(out, html(load(recording).messages()).encode())


def page(title: str, recording: bytes | None) -> str:
    """Return the page with its script and style inside; with no recording it waits for a notebook to feed it."""
    script, style = _inline("embedded.js", "script"), _inline("assets/index.css", "style")
    policy = (
        f"default-src 'none'; script-src {_allowed(script)}; style-src {_allowed(style)}; img-src blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    data = (
        "" if recording is None
        else f'<script type="application/octet-stream" id="recording">{base64.b64encode(recording).decode()}</script>\n'
    )  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{markup.escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f'<body>\n<div id="page"></div>\n{data}<script>{script}</script>\n</body>\n</html>\n'
    )


def asset(name: str) -> str:
    """Return the text of a built part of the page.

    Raises
    ------
    InputError
        In a checkout where the page isn't built.
    """
    file = files("clearprop.live").joinpath("assets", name)
    if not file.is_file():
        raise InputError("this checkout's page isn't built; run: cd page && npm ci && npm run build")
    return file.read_text(encoding="utf-8")


def _inline(name: str, tag: str) -> str:
    """Return a part such that nothing in it ends the element it stands in."""
    text = asset(name)
    return text.replace(f"</{tag}", f"<\\/{tag}").replace("<!--", "<\\!--")


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
