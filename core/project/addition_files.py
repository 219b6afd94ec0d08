"""Additions as a project keeps them: a list in its manifest, Gaussians and cells as arrays."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from core.gaussians.arrays import SplatArrays
from core.project.manifest import damaged
from core.scene.additions import Addition, Kind
from core.scene.cells import Cells

COLUMNS = tuple(column.name for column in fields(SplatArrays))


def additions_to_json(additions: Sequence[Addition]) -> list[dict[str, object]]:
    """All but the arrays."""
    return [
        {
            "kind": each.kind.value,
            "objects": list(each.objects),
            "name": each.name,
            "cell": each.hides.side,
        }
        for each in additions
    ]


def write_additions(folder: Path, additions: Sequence[Addition]) -> None:
    """One file of arrays for each."""
    for number, each in enumerate(additions):
        arrays = {name: np.ascontiguousarray(getattr(each.splats, name)) for name in COLUMNS}
        save_file(arrays | {"cells": np.ascontiguousarray(each.hides.at)}, _file(folder, number))


def read_additions(content: Any, folder: Path) -> tuple[Addition, ...]:
    """Those that `content` lists.

    Raises `UserError` for a damaged file, KeyError, TypeError or ValueError where `content` is not
    what was written.
    """
    found = []
    for number, row in enumerate(content):
        arrays = _arrays(_file(folder, number))
        cells = Cells(float(row["cell"]), arrays["cells"])
        if not cells.side > 0 or cells.at.ndim != 2:
            raise ValueError("cells are none")
        splats = SplatArrays(**{name: arrays[name] for name in COLUMNS})
        objects = tuple(int(id_) for id_ in row["objects"])
        found.append(Addition(Kind(row["kind"]), objects, splats, cells, str(row["name"])))
    return tuple(found)


def _file(folder: Path, number: int) -> Path:
    return folder / f"addition_{number + 1}.safetensors"


def _arrays(file: Path) -> dict[str, Any]:
    try:
        arrays = load_file(file)
    except FileNotFoundError as error:
        raise damaged(file, "it is missing") from error
    except (SafetensorError, OSError) as error:
        raise damaged(file, str(error)) from error
    missing = [name for name in (*COLUMNS, "cells") if name not in arrays]
    if missing:
        raise damaged(file, f"{', '.join(missing)} missing")
    return arrays
