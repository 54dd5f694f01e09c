"""What a reader says of a bad file, for a page: it has no options, so what mends the file stands in their place."""

from __future__ import annotations

import re

_SAVE = "save it as UTF-8 text and load it again"
_COMMAS = "save it with commas between the columns and load it again"
_ON_A_PAGE = (
    (r" \((?:kinds=\{.*?\}|header=False)\)", ""),
    (r"--na .+? if it means a missing value(?:, --text .+? if the column is text)?", "empty such cells, if they mean "
     "a missing value"),
    (r", or --text .+? if the column is text", ""),
    (r"--text .+? if the column is text", "write all cells of the column in one way"),
    (r"(?:read it|give the right one) with --encoding(?: \S+)?", _SAVE),
    (r"say which: --delimiter .+", _COMMAS),
    (r"--delimiter ' ', or --delimiter , if this is one column", _COMMAS),
    (r"quote a field that holds the delimiter, or name .+ --delimiter", "or quote a field that holds the delimiter"),
    (r", or --no-header if line \d+ is one", ""),
    (r"if this line is a row of data, --no-header, or put one above it", "put one above it"),
    (r"if this line is a row of data, --no-header", "if this line is a row of data, put a line of names above it"),
)  # fmt: skip


def on_a_page(said: str) -> str:
    """Return a reader's sentence with what can be done by whoever has but the file and the page.

    Examples
    --------
    >>> on_a_page("found byte 0xe9, which is not utf-8 text; read it with --encoding latin-1")
    'found byte 0xe9, which is not utf-8 text; save it as UTF-8 text and load it again'
    """
    for option, remedy in _ON_A_PAGE:
        said = re.sub(option, remedy, said)
    return said
