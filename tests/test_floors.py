"""The floors of the design: who may import whom (the contracts stand in pyproject.toml under importlinter)."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import clearprop

ROOT = Path(__file__).parent.parent
PACKAGE = Path(clearprop.__file__).parent

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("importlinter") is None,
    reason="import-linter comes with the extra 'dev': pip install '.[dev]'",
)


def lint_imports(package: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(sys.argv[1], no_cache=True))"
    environment = os.environ | {"PYTHONPATH": str(package.parent)}
    return subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code, str(ROOT / "pyproject.toml")],
        env=environment, cwd=package.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_floors_hold():
    run = lint_imports(PACKAGE)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("arrays.py", "import clearprop.network", "Imports go down only"),
        ("losses/loss.py", "import clearprop.optimizers.rules", "Imports go down only"),
        ("network.py", "import sklearn", "Below the engines"),
        ("attic.py", "", "Imports go down only"),  # a module that has no floor
    ],
)
def test_a_wrong_import_is_found(tmp_path, module, line, broken):
    copy = tmp_path / "clearprop"
    shutil.copytree(PACKAGE, copy)
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    run = lint_imports(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(f"{broken}.* BROKEN", run.stdout), run.stdout
