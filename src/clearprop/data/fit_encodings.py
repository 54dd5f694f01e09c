"""Which encoding suits a column, found from the rows to learn from."""

from __future__ import annotations

from collections import Counter
from typing import cast

from clearprop.data.encodings import CodeEncoding, NumberEncoding, TextEncoding, check_finite, parts
from clearprop.data.statistics import median_and_spread
from clearprop.data.table import Array, Column

#: A text column with more levels is an embedding's: one column of codes.
MAX_LEVELS = 50

#: An embedding has at most so many levels, the most frequent ones.
MOST_CODES = 10_000

#: Text with more distinct values than this, more than half of them different, is a name or a code: left out.
FEW_NAMES = 20


def fit_numbers(column: Column, weight: Array | None = None) -> list[NumberEncoding]:
    """Return the encoding of each part of a number, boolean or date column; those that give no column left out.

    The center is the median, the scale the spread: see ``median_and_spread``.
    """
    check_finite(column)
    present = ~column.missing
    found: list[NumberEncoding] = []
    for part, values in parts(column).items():
        center, scale = median_and_spread(values[present], None if weight is None else weight[present])
        if column.kind == "boolean" and scale:
            center, scale = 0.5, 0.5
        indicator = part in {"", "days"} and bool(present.any() and not present.all())
        found.append(NumberEncoding(column.name, column.kind, part, center, scale, indicator))
    return [encoding for encoding in found if encoding.names]


def fit_text(column: Column) -> tuple[TextEncoding | CodeEncoding, int]:
    """Return the encoding of a text column, and how many distinct values it has.

    Of more than 50 levels an embedding's codes stand for those that come twice at least, 10,000 at most.
    """
    counts = Counter(cast(list[str], column.values[~column.missing].tolist()))
    missing = 0 < counts.total() < len(column.values)
    levels = sorted(counts, key=lambda level: (-counts[level], level))
    if len(levels) == 1 or is_name(len(levels), counts.total()):
        levels = []
    if len(levels) > MAX_LEVELS:
        kept = [level for level in levels[:MOST_CODES] if counts[level] > 1]
        return CodeEncoding(column.name, tuple(sorted(kept))), len(counts)
    return TextEncoding(column.name, tuple(sorted(levels)), missing), len(counts)


def is_name(distinct: int, total: int) -> bool:
    """Whether almost every value is different, as names, tickets and codes are."""
    return distinct > FEW_NAMES and distinct > total / 2
