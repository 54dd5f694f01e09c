"""The page's server: what a browser on this machine may see of a run, and what it may ask of it."""

from __future__ import annotations

from importlib.util import find_spec

from clearprop.errors import MissingExtraError

if missing := [name for name in ("starlette", "uvicorn") if find_spec(name) is None]:
    raise MissingExtraError(
        f"the live page needs {' and '.join(missing)}, which isn't installed: pip install 'clearprop[live]'"
    )

from clearprop.live.server.limits import Limits
from clearprop.live.server.server import Server

__all__ = ["Limits", "Server"]
