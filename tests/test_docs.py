"""What the pages say is true: their code runs, their links lead somewhere, their commands are the real ones."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    """What each line does is checked in core/test_quick_start.py; here, that what people read runs."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)  # noqa: S102 - the README's own code
    right = (names["result"].predict(names["x_test"])[:, 0] > 0.5) == names["y_test"]
    assert right.mean() > 0.85
    np.testing.assert_array_equal(names["again"].parameters.vector, names["result"].parameters.vector)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md"])  # those under docs/ are collected by themselves
def test_examples_on_pages_outside_docs(page):
    assert doctest.testfile(str(ROOT / page), module_relative=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_source_files_exist(page):
    """A page that names ``layers/dense.py`` or ``tests/core/x.py`` goes wrong silently when the file moves."""
    names = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.py)`", page.read_text(encoding="utf-8"))
    places = [ROOT, ROOT / "src" / "clearprop", ROOT / "tests" / "core", ROOT / "benchmarks", page.parent]
    assert [name for name in names if not any((place / name).exists() for place in places)] == []


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page != "index.md" and f"({page})" not in index] == []


def test_ci_runs_the_readmes_test_command():
    command = "pip install '.[test]' && pytest"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_ci_script_is_valid_and_executable():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)  # noqa: S603, S607 - our own script
