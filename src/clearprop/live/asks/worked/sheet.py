"""The lines of a worked update, in groups, as they are written down one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from clearprop.errors import InputError
from clearprop.live.asks.worked.expression import Expr, leaf

GROUPS = ("forward", "loss", "backward", "update", "check")


@dataclass
class Sheet:
    """Lines by group; a line's result can then be an operand of later ones, under the line's symbol.

    Examples
    --------
    >>> from clearprop.live.asks.worked.expression import add
    >>> sheet = Sheet()
    >>> z = sheet.line("z₁", "z₁ = x₁ + b₁", add(leaf(2.0, "x₁"), leaf(0.5, "b₁")), 2.5)
    >>> z, [line["id"] for line in sheet.groups["forward"]]
    ({'v': 2.5, 's': 'z₁'}, ['forward-1'])
    """

    group: str = "forward"
    groups: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: list[dict[str, Any]]() for name in GROUPS}
    )
    results: dict[str, float] = field(default_factory=dict[str, float])

    def line(
        self,
        symbol: str,
        formula: str,
        expression: Expr,
        result: float,
        place: tuple[int, int, int | None] | None = None,
        note: str = "",
    ) -> Expr:
        """Write a line, unless there is one of that symbol already; return its result as an operand.

        Parameters
        ----------
        symbol, formula, expression
            What is computed, how, and with which numbers.
        result : float
            As the network's own code has it.
        place : (layer, unit, input or None), optional
            Where in the network; counted from 0.
        note : str
            A short sentence.

        Raises
        ------
        InputError
            If the result isn't finite: there is nothing to be worked through.
        """
        if not isfinite(result):
            raise InputError(
                f"{symbol} isn't finite here, so that nothing can be worked through; choose an earlier step"
            )
        if symbol not in self.results:
            self.results[symbol] = float(result)
            lines = self.groups[self.group]
            where = None if place is None else dict(zip(("layer", "unit", "input"), place, strict=True))
            lines.append({
                "id": f"{self.group}-{len(lines) + 1}", "symbol": symbol, "formula": formula, "expression": expression,
                "result": float(result) + 0.0, "place": where, "note": note,
            })  # fmt: skip
        return leaf(result, symbol)

    def known(self, symbol: str) -> Expr:
        """Return a former line's result as an operand."""
        return leaf(self.results[symbol], symbol)

    def listed(self) -> list[dict[str, Any]]:
        """Return the groups as the message has them."""
        return [{"name": name, "lines": lines} for name, lines in self.groups.items()]
