from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_shows_the_figures_that_the_script_makes_and_they_are_small():
    spec = importlib.util.spec_from_file_location("make_figures", DOCS / "make_figures.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = {draw.__name__ for draw in script.FIGURES}
    shown = set(re.findall(r"\(images/(\w+)\.png\)", (DOCS / "figures.md").read_text(encoding="utf-8")))
    assert shown == made
    for name in made:
        file = DOCS / "images" / f"{name}.png"
        assert file.stat().st_size < 150_000
        with Image.open(file) as picture:
            assert picture.size == (640, 480)


def test_every_picture_on_the_page_is_described():
    texts = re.findall(r"!\[([^\]]*)\]", (DOCS / "figures.md").read_text(encoding="utf-8"))
    assert texts
    assert all(len(text) > 15 for text in texts)
