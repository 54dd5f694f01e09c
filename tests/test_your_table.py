"""The tutorial, run as a reader would: its Python blocks and its commands, with what they print."""

from __future__ import annotations

import doctest
import re
import shlex
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from clearprop.cli.main import run

PAGE = Path(__file__).parents[1] / "docs" / "your-table.md"


def test_the_page_prints_what_it_says_and_keeps_its_promises(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(python|console|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 15
    names: dict[str, Any] = {}
    for (language, text), (after, output) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language == "python":
            run_python(text, names)
            check(output if after == "text" else "", capsys.readouterr().out)
        elif language == "console":
            for command, expected in re.findall(r"^\$ clearprop (.*)\n((?:(?!\$ ).*\n)*)", text, flags=re.MULTILINE):
                with pytest.raises(SystemExit):
                    run(shlex.split(command))
                shown = capsys.readouterr()
                errors = [line for line in shown.err.splitlines(keepends=True) if line.startswith("error: ")]
                check(expected, shown.out or "".join(errors))
    assert 0.8 <= names["inside"] <= 1  # of 108 rows; nine tenths are promised
    assert abs(names["left"].sum() - names["y_test"].sum()) < 12


def run_python(text, names):
    """Run a block; warnings are shown as a terminal shows them, but for the file and line."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda text, kind, *_: sys.stdout.write(f"{kind.__name__}: {text}\n")
        exec(compile(text, str(PAGE), "exec"), names)  # noqa: S102 - the page's own code is what is tested


def check(expected, printed):
    """Compare what is printed with the page's ``...`` for anything; empty lines at the end don't count."""
    same = doctest.OutputChecker().check_output(expected.rstrip() + "\n", printed.rstrip() + "\n", doctest.ELLIPSIS)
    assert same, printed
