"""Model files: safetensors, with a JSON description in the metadata. Loading one never runs code."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import FileError, InputError

FORMAT = 1
Description = dict[str, Any]


def write(
    path: str | os.PathLike[str], kind: str, description: Mapping[str, Any], tensors: Mapping[str, Array]
) -> None:
    """Write tensors and what they mean; a file that is there is replaced only once the new one is whole.

    Parameters
    ----------
    path : path
        Usually with the suffix ``.safetensors``.
    kind : str
        What the file holds; ``read`` checks it.
    description : mapping of JSON values
    tensors : mapping of str to array
    """
    from safetensors.numpy import save

    text = json.dumps({"format": FORMAT, "kind": kind, **description}, allow_nan=False)
    arrays = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    write_whole(path, save(arrays, metadata={"clearprop": text}))


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that at no time half of it stands there; one that is there is replaced at the end.

    Raises
    ------
    FileError
        If its folder doesn't exist.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileError(f"{target}: the folder {target.parent} doesn't exist; make it first")
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)  # as open() would have made it
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is one of Clearprop's own, which may be replaced without a loss of anything else."""
    from safetensors import SafetensorError, safe_open

    try:
        with cast(Any, safe_open)(Path(path), framework="numpy") as handle:
            return "clearprop" in (handle.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return False


@contextmanager
def reading(path: str | os.PathLike[str]) -> Generator[None]:
    """Turn whatever a damaged description makes go wrong into one FileError that names the file."""
    try:
        yield
    except FileError:
        raise
    except InputError as error:
        raise FileError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise FileError(f"{path}: its description is damaged ({error!r})") from error


def read(path: str | os.PathLike[str], kind: str) -> tuple[Description, dict[str, Array]]:
    """Read what ``write`` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If it isn't such a file, is damaged, or holds another kind of thing.
    """
    from safetensors import SafetensorError, safe_open

    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"{file}: there is no such file")
    try:
        with cast(Any, safe_open)(file, framework="numpy") as handle:
            metadata: dict[str, str] = handle.metadata() or {}
            tensors: dict[str, Array] = {name: handle.get_tensor(name) for name in handle.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        wanted = "recording" if kind == "recording" else "model file"
        raise FileError(f"{file}: not a {wanted}, or a damaged one ({error})") from error
    try:
        description: Any = json.loads(metadata["clearprop"])
    except (KeyError, ValueError, RecursionError) as error:
        raise FileError(
            f"{file}: a safetensors file, but not one of Clearprop's (no description in its metadata)"
        ) from error
    if not isinstance(description, dict) or cast(Description, description).get("format") != FORMAT:
        raise FileError(f"{file}: written by another version of Clearprop; this one reads format {FORMAT}")
    found = cast(Description, description)
    if found.get("kind") != kind:
        raise FileError(f"{file}: holds a {found.get('kind')}, where a {kind} is needed")
    return found, tensors
