"""Made-up files with the names and columns of the real tables (of credit, some), for the tests of tables.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

N = 120
ADULT = {
    "text": (
        "workclass", "education", "marital-status", "occupation", "relationship", "race", "gender", "native-country",
    ),
    "numbers": ("age", "fnlwgt", "educational-num", "capital-gain", "capital-loss", "hours-per-week"),
}  # fmt: skip
BANK = {
    "text": (
        "job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week", "poutcome",
    ),
    "numbers": (
        "age", "duration", "campaign", "pdays", "previous",
        "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed",
    ),
}  # fmt: skip
CALIFORNIA = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")
WINE = (
    "fixed_acidity", "volatile_acidity", "citric_acid", "residual_sugar", "chlorides", "free_sulfur_dioxide",
    "total_sulfur_dioxide", "density", "pH", "sulphates", "alcohol",
)  # fmt: skip
CREDIT = ("LIMIT_BAL", "ID", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0", "BILL_AMT1", "PAY_AMT1")
PROTEIN = tuple(f"F{i}" for i in range(1, 10))


def _made_up(numbers: Sequence[str], text: Sequence[str] = ()) -> tuple[Any, Any]:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({name: draw.normal(size=N) for name in numbers})
    for name in text:
        frame[name] = draw.choice(["one", "two", "?"], N)
    return frame, frame[numbers[0]] + 0.3 * draw.normal(size=N)


def write(folder: Path) -> None:
    """Write all files, of ``N`` rows each, in which every target goes with a first number."""
    adult, goes = _made_up(**ADULT)
    adult["income"] = np.where(goes > 0, ">50K", "<=50K")
    adult["split"] = np.where(np.arange(N) % 3 == 0, "test", "train")
    bank, goes = _made_up(**BANK)
    bank["y"] = np.where(goes > 0, "yes", "no")
    california, california["MedHouseVal"] = _made_up(CALIFORNIA)
    wine, goes = _made_up(WINE, ("color",))
    wine["quality"] = 6 + (goes > 0).astype(int)
    credit, goes = _made_up(CREDIT)
    credit["ID"] = range(1, N + 1)
    credit["default.payment.next.month"] = (goes > 0).astype(int)
    protein, protein["RMSD"] = _made_up(PROTEIN)
    frames = {
        "adult": adult, "bank_marketing": bank, "california_housing": california, "wine_quality": wine,
        "credit_default": credit, "casp_protein": protein,
    }  # fmt: skip
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    y = np.arange(N, dtype=np.uint8) % 3
    images = np.random.default_rng(1).integers(0, 60, (N, 28, 28), dtype=np.uint8)
    images[np.arange(N), y] = 255
    np.savez(folder / "mnist.npz", x_train=images[30:], y_train=y[30:], x_test=images[:30], y_test=y[:30])
