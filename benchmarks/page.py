"""Puts what was measured into docs/benchmarks.md, between its markers, and draws its tables."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def markers(section: str) -> tuple[str, str]:
    """Return the lines that a section stands between."""
    return f"<!-- {section}: written by benchmarks/{section}.py -->", f"<!-- end of {section} -->"


def put(section: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands in a section."""
    start, end = markers(section)
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{page.name} should have the lines {start!r} and {end!r}; add them where the text is to go")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def table(rows: list[list[str]], n_words: int) -> str:
    """Return rows (the first is the head) in Markdown; the columns after the first ``n_words`` hold numbers."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + " --- |" * n_words + " ---: |" * (len(rows[0]) - n_words))
    return "\n".join(lines)
