"""A picture for the terminal made of lines of styled text, and its way there: only the lines that have changed.

Rich's own layouts copy every cell several times a picture: 20 ms for 120 × 40, where this takes 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from clearprop.live.terminal.colours import MUTED

Lines = list[list[Segment]]
"""Each of the same width."""
_SYSTEMS = {
    "standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.WINDOWS,
}  # fmt: skip


def fitted(parts: Sequence[Segment], width: int) -> list[Segment]:
    """Return a line cut or filled to a width.

    Examples
    --------
    >>> fitted([Segment("abc"), Segment("defg")], 5)
    [Segment('abc'), Segment('de')]
    """
    line: list[Segment] = []
    left = width
    for part in parts:
        length = cell_len(part.text)
        if length > left:
            line.append(Segment(set_cell_size(part.text, left), part.style))
            return line
        line.append(part)
        left -= length
    return [*line, Segment(" " * left)] if left else line


def boxed(title: Sequence[Segment], lines: Lines, width: int) -> Lines:
    """Return lines, each ``width`` - 2 wide, in a frame with a title."""
    head = fitted([Segment(" "), *title, Segment(" ")], min(width - 4, 2 + sum(cell_len(part.text) for part in title)))
    rest = width - 3 - sum(cell_len(part.text) for part in head)
    side = Segment("│", MUTED)
    return [
        [Segment("╭─", MUTED), *head, Segment("─" * rest + "╮", MUTED)],
        *([side, *line, side] for line in lines),
        [Segment("╰" + "─" * (width - 2) + "╯", MUTED)],
    ]


def beside(left: Lines, right: Lines) -> Lines:
    """Return two blocks of one height as one."""
    return [[*one, *other] for one, other in zip(left, right, strict=True)]


class Frame:
    """Lines that can be printed by Rich, or put on a screen."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in self.lines:
            yield from line
            yield Segment.line()


class Screen:
    """The terminal's other screen: opened, drawn upon, and given back as it was.

    Parameters
    ----------
    console : rich.console.Console
        A terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        system = None if console.no_color else console.color_system
        self._system = None if system is None else _SYSTEMS[system]
        self._shown: list[str] = []
        self._size = (0, 0)

    def open(self) -> None:
        """Take the screen."""
        self._console.set_alt_screen(True)
        self._console.show_cursor(False)

    def close(self) -> None:
        """Give it back."""
        self._console.show_cursor(True)
        self._console.set_alt_screen(False)

    def draw(self, frame: Frame) -> None:
        """Write the lines that aren't on the screen already."""
        size = (self._console.width, self._console.height)
        said: list[str] = []
        if size != self._size:
            self._size, self._shown = size, []
            said.append("\x1b[2J")
        lines = [self._text(line) for line in frame.lines[: size[1]]]
        for i, line in enumerate(lines):
            if i >= len(self._shown) or self._shown[i] != line:
                said.append(f"\x1b[{i + 1};1H{line}")
        self._shown = lines
        if said:
            self._console.file.write("".join(said))
            self._console.file.flush()

    def _text(self, line: list[Segment]) -> str:
        return "".join(text if style is None else text.join(_codes(style, self._system)) for text, style, _ in line)


@lru_cache(maxsize=16_384)
def _codes(style: Style, system: ColorSystem | None) -> tuple[str, str]:
    """Return what is written before and after a text of a style."""
    fresh = Style(color=style.color, bgcolor=style.bgcolor, bold=style.bold, dim=style.dim)  # one knows one system only
    before, _, after = fresh.render("\0", color_system=system).partition("\0")
    return before, after
