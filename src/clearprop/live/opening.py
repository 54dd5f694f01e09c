"""Telling a person where the page is, and opening it where there is a browser to open it in."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit


def announce(url: str, open_browser: bool = True) -> None:
    """Print ``watching at URL`` on standard error, and open the page; nothing here can stop or delay the run.

    Over SSH no browser is tried: it would open on the other machine, if at all. Instead the line is printed that makes
    the page reachable from where the person sits.

    Parameters
    ----------
    url : str
    open_browser : bool

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stderr(io.StringIO()) as said:
    ...     announce("http://127.0.0.1:8000/#token=abc", open_browser=False)
    >>> said.getvalue().splitlines()[-1]
    'watching at http://127.0.0.1:8000/#token=abc'
    """
    forwarding = forwarding_line(urlsplit(url).port)
    if forwarding is not None:
        _say(f"on your own machine, run this first, then open the address below it:\n  {forwarding}")
    _say(f"watching at {url}")
    if open_browser and forwarding is None and _has_screen():
        Thread(target=_open, args=(url,), name="clearprop-browser", daemon=True).start()


def forwarding_line(port: int | None) -> str | None:
    """Return the command that brings a port of this machine to the one from which it is used by SSH; else None."""
    parts = os.environ.get("SSH_CONNECTION", "").split()
    if not parts or port is None:
        return None
    host, ssh_port = (parts[2], parts[3]) if len(parts) == 4 else ("host", "22")
    other = "" if ssh_port == "22" else f"-p {ssh_port} "
    return f"ssh -L {port}:127.0.0.1:{port} {other}{_user()}@{host}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody has given this user a name, as in some containers
        return "user"


def _has_screen() -> bool:
    """Whether a browser has a screen to open on; one in text would take over the terminal."""
    own = sys.platform in ("darwin", "win32")
    return own or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _open(url: str) -> None:
    with suppress(Exception):  # whatever a browser dies of, the address has been printed
        webbrowser.open(url)


def _say(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # nobody listens: closed, or none at all (pythonw)
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
