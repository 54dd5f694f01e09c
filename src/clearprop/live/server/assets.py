"""The built page as a table in memory: a request names an entry of it or nothing, and no URL ever becomes a path."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
}


class Asset(NamedTuple):
    """A file of the page."""

    content: bytes
    type: str


def load_assets() -> dict[str, Asset]:
    """Return what ``GET`` may name, by its path; empty if the page hasn't been built.

    Examples
    --------
    >>> set(load_assets()) <= {"/", *(f"/assets/{name}" for name in folder("assets"))}
    True
    """
    index = files("clearprop.live") / "assets" / "index.html"
    if not index.is_file():
        return {}
    page = {f"/assets/{name}": _asset(file) for name, file in folder("assets").items()}
    return page | {"/": _asset(index)}


def folder(name: str) -> dict[str, Traversable]:
    """Return the files of a folder of the built page by name; empty if there is no such folder."""
    place = files("clearprop.live") / "assets" / name
    return {file.name: file for file in place.iterdir() if file.is_file()} if place.is_dir() else {}


def _asset(file: Traversable) -> Asset:
    return Asset(file.read_bytes(), _TYPES.get(file.name.rpartition(".")[2], "application/octet-stream"))
