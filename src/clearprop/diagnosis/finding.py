"""What a diagnosis consists of."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """Something that is wrong with a run, or may well be.

    Attributes
    ----------
    problem : str
        What kind: "unscaled inputs", "dead units", ….
    evidence : str
        A sentence with the numbers.
    remedy : str
        A sentence: what to try.

    Examples
    --------
    >>> print(Finding("dead units", "In layer 0 these are 9 of 10.", "Lower the rate."))
    dead units: In layer 0 these are 9 of 10.
      remedy: Lower the rate.
    """

    problem: str
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.evidence}\n  remedy: {self.remedy}"


def listed(things: list[str], most: int = 3) -> str:
    """Return the first few, joined by commas, and how many more there are."""
    more = len(things) - most
    return ", ".join(things[:most]) + (f" and {more:,} more" if more > 0 else "")
