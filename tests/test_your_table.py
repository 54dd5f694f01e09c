"""The tutorial, run as a reader would: its Python blocks, and its commands with what they print."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from clearprop.cli.main import run

PAGE = Path(__file__).parents[1] / "docs" / "your-table.md"


def test_the_page_prints_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(python|console)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, object] = {}
    for language, text in blocks:
        if language == "python":
            exec(compile(text, str(PAGE), "exec"), names)  # noqa: S102 - the page's own code is what is tested
            continue
        for command, expected in re.findall(r"^\$ clearprop (.*)\n((?:(?!\$ ).*\n)*)", text, flags=re.MULTILINE):
            with pytest.raises(SystemExit):
                run(shlex.split(command))
            shown = capsys.readouterr()
            printed = shown.out or "".join(line for line in shown.err.splitlines(True) if line.startswith("error: "))
            assert doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS), printed
