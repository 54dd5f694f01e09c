"""The examples run as they stand, and print what they are known to print."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

EXAMPLES = Path(__file__).parent.parent / "examples"
COSTS = "0.693127 0.671018 0.442552 0.354652 0.329080 0.320810 0.317526 0.315824 0.314688 0.313792"


def test_two_layer_moons_prints_the_ten_costs_and_draws_two_figures(tmp_path):
    command = [sys.executable, "-W", "error", EXAMPLES / "two_layer_moons.py", tmp_path]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    lines = [line for line in ran.stdout.splitlines() if line.startswith("cost after ")]
    assert [line.split()[-1] for line in lines] == COSTS.split()
    assert [line.split()[2] for line in lines] == [f"{step:,}" for step in range(0, 10_000, 1000)]
    for name in ("two_layer_moons_data.png", "two_layer_moons_cost.png"):
        with Image.open(tmp_path / name) as picture:
            assert min(picture.size) > 400
            assert len(picture.convert("RGB").getcolors(2**24)) > 50  # something is drawn
