"""The terminal's own view of a run: its loss as a curve of dots, its layers as a table, its boundary in blocks."""

from clearprop.live.terminal.view import TerminalView

__all__ = ["TerminalView"]
