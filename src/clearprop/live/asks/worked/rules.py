"""Every optimiser's rule for the chosen weight, with what it remembers of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from clearprop.live.asks.worked.batch import weight_of
from clearprop.live.asks.worked.expression import Expr, add, div, evaluate, leaf, mul, op, sub
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer, UpdateRule
from clearprop.optimizers.rules import SGD, Adam, AdamW, Momentum, Nesterov, RMSProp, Rprop

ONE, ZERO = leaf(1.0), leaf(0.0)


class Turn(NamedTuple):
    """The chosen weight's turn: weight, gradient and rate as operands, what is remembered, and which update it is."""

    sheet: Sheet
    rule: Optimizer
    w: Expr
    g: Expr
    rate: Expr
    memory: dict[str, float]
    t: int
    place: tuple[int, int, int]

    def old(self, name: str, symbol: str) -> Expr:
        """Return a number of the optimiser's memory as an operand."""
        return leaf(self.memory[name], f"{symbol}{self.w['s'][1:]}")

    def new(self, symbol: str, formula: str, expression: Expr, note: str = "") -> Expr:
        """Write a line for a number of the optimiser's own; {v} and the like in the formula get the weight's mark."""
        mark = self.w["s"][1:]
        name = f"{symbol}{mark}"
        return self.sheet.line(name, f"{name} = {formula}", expression, evaluate(expression), self.place, note)


def write_update(sheet: Sheet, n: Numbers, path: Path, g: Expr) -> None:
    """Write the rate, weight decay, the optimiser's rule, and the new weight."""
    training, update = n.moment.training, n.update
    rule, name, place = training.optimizer, f"{path.layer}.weight", (path.layer, path.unit, path.source)
    w = weight_of(n, path)
    result = float(update.after[name][path.source, path.unit])
    new = f"new {w['s']}"
    if isinstance(rule, LBFGS) or type(rule) not in _RULES:
        whose = "The line search of L-BFGS" if isinstance(rule, LBFGS) else f"The optimiser {rule}"
        note = f"{whose} isn't shown line by line; this is the move that it made."
        if update.converged:
            note = f"There is no update: {update.converged}."
        sheet.line(new, f"{new} = {w['s']} + move", add(w, leaf(result - w["v"], "move")), result, place, note)
        return
    rate = _rate(sheet, n, name)
    if isinstance(rule, UpdateRule) and rule.weight_decay:
        decay, symbol = leaf(rule.weight_decay, "weight_decay"), f"shrunk {w['s']}"
        expression = mul(w, sub(ONE, mul(rate, decay)))
        w = sheet.line(
            symbol, f"{symbol} = {w['s']} (1 − rate weight_decay)", expression, evaluate(expression), place,
            "Weight decay: each weight shrinks, apart from its gradient.",
        )  # fmt: skip
    cut = update.before.layout.places[name][0].start + path.source * n.engine.network.widths[path.layer + 1] + path.unit
    memory = {key: float(array[cut]) for key, array in update.memory.items()}
    t = n.moment.progress.step + n.moment.progress.age + 1
    turn = Turn(sheet, rule, w, g, rate, memory, t, place)
    formula, expression, note = _RULES[type(rule)](turn)
    sheet.line(new, f"{new} = {formula}", expression, result, place, note)


def _rate(sheet: Sheet, n: Numbers, name: str) -> Expr:
    training, progress = n.moment.training, n.moment.progress
    factors = [
        (training.schedule.factor(progress.step, training.total_steps), f"factor of the schedule {training.schedule}"),
        (progress.rate_factor, "live factor"),
        (training.rate_factors.get(name, 1.0), "factor of this layer's weights"),
    ]
    base = leaf(training.optimizer.rate, f"rate of {training.optimizer.name}")
    used = [leaf(value, text) for value, text in factors if value != 1.0]
    value = n.update.rate * training.rate_factors.get(name, 1.0)
    formula = " × ".join(str(each["s"]) for each in [base, *used])
    return sheet.line("rate", f"rate = {formula}", mul(base, *used) if used else base, value, None,
                      "How far a step goes in this update.")  # fmt: skip


Rule = tuple[str, Expr, str]
"""A formula's right side, the same with numbers, and a note."""


def _sgd(u: Turn) -> Rule:
    return f"{u.w['s']} − rate {u.g['s']}", sub(u.w, mul(u.rate, u.g)), "A step downhill, against the gradient."


def _velocity(u: Turn) -> Expr:
    assert isinstance(u.rule, Momentum)  # noqa: S101 - what it stands under in the table
    v, momentum = u.old("velocity", "v"), leaf(u.rule.momentum, "momentum")
    formula = f"momentum {v['s']} − rate {u.g['s']}"
    note = "The velocity: what is left of former steps, and this one."
    return u.new("new v", formula, sub(mul(momentum, v), mul(u.rate, u.g)), note)


def _momentum(u: Turn) -> Rule:
    v = _velocity(u)
    return f"{u.w['s']} + {v['s']}", add(u.w, v), "The weight moves on with its velocity."


def _nesterov(u: Turn) -> Rule:
    assert isinstance(u.rule, Nesterov)  # noqa: S101 - what it stands under in the table
    v, momentum = _velocity(u), leaf(u.rule.momentum, "momentum")
    expression = add(u.w, sub(mul(momentum, v), mul(u.rate, u.g)))
    return f"{u.w['s']} + momentum {v['s']} − rate {u.g['s']}", expression, "It looks one step of its velocity ahead."


def _rmsprop(u: Turn) -> Rule:
    assert isinstance(u.rule, RMSProp)  # noqa: S101 - what it stands under in the table
    v, decay = u.old("square", "v"), leaf(u.rule.decay, "decay")
    square = add(mul(decay, v), mul(sub(ONE, decay), u.g, u.g))
    new = u.new(
        "new v", f"decay {v['s']} + (1 − decay) ({u.g['s']})²", square, "A running mean of the squared gradient."
    )
    expression = sub(u.w, div(mul(u.rate, u.g), add(op("sqrt", new), leaf(u.rule.epsilon, "ε"))))
    return f"{u.w['s']} − rate {u.g['s']} / (√{new['s']} + ε)", expression, "Each weight's step has its own scale."


def _adam(u: Turn) -> Rule:
    assert isinstance(u.rule, Adam)  # noqa: S101 - what it stands under in the table
    b1, b2, t = leaf(u.rule.beta1, "β₁"), leaf(u.rule.beta2, "β₂"), leaf(u.t, "t")
    m, v, g = u.old("mean", "m"), u.old("square", "v"), u.g["s"]
    new_m = u.new("new m", f"β₁ {m['s']} + (1 − β₁) {g}", add(mul(b1, m), mul(sub(ONE, b1), u.g)),
                  "A running mean of the gradient.")  # fmt: skip
    new_v = u.new("new v", f"β₂ {v['s']} + (1 − β₂) ({g})²", add(mul(b2, v), mul(sub(ONE, b2), u.g, u.g)),
                  "A running mean of its square.")  # fmt: skip
    m_hat = u.new("m̂", f"{new_m['s']} / (1 − β₁^t)", div(new_m, sub(ONE, op("pow", b1, t))),
                  f"Both began at 0; in update t = {u.t:,} that is still made up for.")  # fmt: skip
    v_hat = u.new("v̂", f"{new_v['s']} / (1 − β₂^t)", div(new_v, sub(ONE, op("pow", b2, t))))
    expression = sub(u.w, div(mul(u.rate, m_hat), add(op("sqrt", v_hat), leaf(u.rule.epsilon, "ε"))))
    formula = f"{u.w['s']} − rate {m_hat['s']} / (√{v_hat['s']} + ε)"
    return formula, expression, "About a rate's length, whatever the gradient's size."


def _rprop(u: Turn) -> Rule:
    assert isinstance(u.rule, Rprop)  # noqa: S101 - what it stands under in the table
    rule, previous, size = u.rule, u.old("previous", "g⁻"), u.old("size", "size")
    product = u.new("agreement", f"{u.g['s']} {previous['s']}", mul(u.g, previous),
                    "Above 0: the gradient has kept its sign since the last update.")  # fmt: skip
    grow, shrink = leaf(rule.grow, "grow"), leaf(rule.shrink, "shrink")
    factor = op("where_positive", product, grow, op("where_positive", op("neg", product), shrink, ONE))
    bounded = op("max", op("min", mul(size, factor), leaf(rule.largest, "largest")), leaf(rule.smallest, "smallest"))
    formula = f"{size['s']} × grow where that is above 0, × shrink where below, held between smallest and largest"
    new = u.new("new size", formula, bounded)
    turned = op("where_positive", op("neg", product), ZERO, u.g)
    kept = u.new("kept g", f"0 where {product['s']} < 0, else {u.g['s']}", turned,
                 "Where the sign has turned, this step is left out.")  # fmt: skip
    sign = op("where_positive", kept, ONE, op("where_positive", op("neg", kept), leaf(-1.0), ZERO))
    expression = sub(u.w, mul(div(u.rate, leaf(rule.rate, "first rate")), sign, new))
    formula = f"{u.w['s']} − (rate / first rate) sign({kept['s']}) {new['s']}"
    return formula, expression, "Only the gradient's sign counts, not its size."


_RULES: dict[type[Optimizer], Callable[[Turn], Rule]] = {
    SGD: _sgd, Momentum: _momentum, Nesterov: _nesterov, RMSProp: _rmsprop, Adam: _adam, AdamW: _adam, Rprop: _rprop,
}  # fmt: skip
