"""A person's file, how it is to be read, and what for: options that ``train``, ``play`` and ``predict`` share."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def _option(*names: str, metavar: str | None, help: str) -> Any:  # noqa: A002 - Typer's own name for it
    return typer.Option(*names, metavar=metavar, help=help, show_default=False, rich_help_panel="How the file is read")


Task = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="classification or regression; found out if left out.", show_default=False),
]
Delimiter = Annotated[
    str | None, _option(metavar="CHARACTER", help="What stands between the cells, such as ';' or 'tab'.")
]
Encoding = Annotated[str | None, _option(metavar="NAME", help="The file's encoding, such as latin-1; else UTF-8.")]
NoHeader = Annotated[bool, _option("--no-header", metavar=None, help="The first line holds data, not names.")]
Missing = Annotated[list[str] | None, _option("--na", metavar="TEXT", help="A missing value; may be given again.")]
Text = Annotated[
    list[str] | None, _option("--text", metavar="COLUMN", help="Read it as text, such as a code; again for more.")
]


def reading(
    delimiter: str | None, encoding: str | None, no_header: bool, na: list[str] | None, text: list[str] | None = None
) -> dict[str, Any]:
    """Return the options as ``read_table`` takes them."""
    kinds = dict.fromkeys(text or (), "text")
    return {"delimiter": delimiter, "encoding": encoding, "header": not no_header, "na": na or (), "kinds": kinds}
