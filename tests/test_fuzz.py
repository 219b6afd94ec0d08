"""Files that were changed at random are read, or refused in a sentence: never more.

Neither another error, nor more time, nor more memory than the file as it was deserves.
"""

import contextlib
import copy
import json
import os
import random
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.capture.photos import Capture
from core.errors import UserError
from core.export.any_file import read_any_file
from core.export.compressed_ply_writer import write_compressed_ply
from core.export.glb import Part, write_glb
from core.export.ply import write_ply
from core.export.spz import write_spz
from core.gaussians.arrays import SplatArrays
from core.project.folder import Project, open_project, save_project
from core.segment.labels import PhotoMask, SceneObject
from core.segment.labels import Standing as MaskStanding
from core.segment.mask_export import MaskFormat, export_masks
from core.segment.mask_import import import_masks
from core.segment.masks import FIRST_OBJECTS, Masks
from core.train.standing import Standing, read_standing, write_standing
from core.train.steps import Step
from tests.layouts import rearranged
from tests.scenes import cloud
from tests.test_project import capture, only, project

__all__ = ["capture", "project"]  # fixtures

COUNT = int(os.environ.get("MAQUETTE_FUZZ", "300"))  # files of each kind in the slow group
ROWS = 300
SECONDS = 5.0  # of CPU time
SMALL = 3_000_000  # bytes that anything may take
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x10000)
WEIRD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, -1e308, 2**63, 10**30, 0.5, "", "x", "../../x", "a\0b", [], {}, [[]],
    {"a": 1}, float("nan"), float("inf"), [1, 2, 3], "é" * 1000,
)  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A file to change, how to read it, and whether it is JSON."""

    file: Path
    read: Callable[[], object]
    text: bool = False


def changed_bytes(data: bytes, dice: random.Random) -> bytes:
    """`data` with one to four things done to it."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        # The beginnings of files say what the rest is.
        most = len(found) if dice.random() < 0.4 else min(len(found), 400)
        at = dice.randrange(most) if most else 0
        match dice.randrange(7):
            case 0:
                found[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                found[at : at + 4] = struct.pack("<I", dice.choice(EXTREMES))
            case 2:
                del found[at:]
            case 3:
                del found[at : at + dice.randint(1, 64)]
            case 4:
                found[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 64)))
            case 5:
                found[at:at] = found[at : at + dice.randint(1, 200)]
            case 6:
                digits = [k for k, byte in enumerate(found[:400]) if 48 <= byte < 58]
                if digits:
                    at = dice.choice(digits)
                    found[at : at + 1] = b"9" * dice.randint(1, 12)
    return bytes(found)


def changed_json(content: Any, dice: random.Random) -> Any:
    """`content` with one to three of its values replaced, doubled or gone."""
    content = copy.deepcopy(content)
    for _ in range(dice.randint(1, 3)):
        place, key = dice.choice(list(places(content)))
        match dice.randrange(4):
            case 0:
                del place[key]
            case 1 if isinstance(place, list):
                place.append(copy.deepcopy(place[key]))
            case _:
                place[key] = copy.deepcopy(dice.choice(WEIRD))
        if not list(places(content)):
            break
    return content


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of `content`, by what holds it and its key there."""
    keys: Any = ()
    if isinstance(content, dict):
        keys = list(content)
    elif isinstance(content, list):
        keys = range(len(content))
    for key in keys:
        yield content, key
        yield from places(content[key])


@pytest.fixture
def subjects(tmp_path: Path, project: Project) -> dict[str, Subject]:
    photo = project.capture.photos[0]
    labels = np.random.default_rng(0).choice([0, 2], (photo.height, photo.width)).astype(np.uint16)
    mask = PhotoMask.from_arrays(labels, labels > 0, MaskStanding.USER)
    masks = Masks((*FIRST_OBJECTS, SceneObject(2, "Chair", "#ff0000")), {photo.name: mask}, 3)
    whole = replace(
        project, gaussians=cloud(ROWS), masks=masks, layout=rearranged(), capture=project.capture
    )
    folder = tmp_path / "a.maquette"
    save_project(folder, whole)
    splats = SplatArrays.from_gaussians(cloud(ROWS))
    writes: dict[str, Callable[[Path], None]] = {
        "a.ply": lambda path: write_ply(path, cloud(ROWS)),
        "a.compressed.ply": lambda path: write_compressed_ply(path, cloud(ROWS)),
        "a.spz": lambda path: write_spz(path, cloud(ROWS)),
        "a.glb": lambda path: write_glb(path, [Part("a", 0, splats)], metric=True),
        "standing": lambda path: write_standing(
            path, Standing(Step(1, 2, 0.5, 0.1, 20.0, 3), {"x": torch.zeros(100, 3)}, {"y": 1})
        ),
    }
    found: dict[str, Subject] = {}
    for name, write in writes.items():
        path = tmp_path / name
        write(path)
        read = read_standing if name == "standing" else read_any_file
        found[name] = Subject(path, lambda path=path, read=read: read(path))  # type: ignore[misc]

    def opened() -> Project:
        return open_project(folder)

    for kind, name in (
        ("manifest", "manifest.json"), ("gaussians", "gaussians.safetensors"),
        ("points", "points.safetensors"), ("mask", f"{photo.name}.labels.png"),
    ):  # fmt: skip
        found[kind] = Subject(only(folder, name), opened, kind == "manifest")
    coco = tmp_path / "coco.json"
    list(export_masks(coco, MaskFormat.COCO, project.capture, masks))
    found["coco"] = Subject(coco, lambda: imported(coco, project.capture), True)
    return found


def imported(path: Path, capture: Capture) -> object:
    return list(import_masks(path, capture, Masks()))


@pytest.mark.parametrize("count", [8, pytest.param(COUNT, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "kind",
    [
        "manifest", "gaussians", "points", "mask", "coco", "standing",
        "a.ply", "a.compressed.ply", "a.spz", "a.glb",
    ],
)  # fmt: skip
def test_changed_files_are_read_or_refused(
    subjects: dict[str, Subject], kind: str, count: int
) -> None:
    subject, dice = subjects[kind], random.Random(count)
    data = subject.file.read_bytes()
    subject.read()
    honest, _ = cost(subject.read)
    failures: list[str] = []
    for k in range(count):
        if subject.text and dice.random() < 0.7:
            text = json.dumps(changed_json(json.loads(data), dice))
            changed = text.encode("utf-8")
        else:
            changed = changed_bytes(data, dice)
        subject.file.write_bytes(changed)
        try:
            memory, seconds = cost(subject.read)
        except Exception as error:  # noqa: BLE001 - which it is is what is told
            failures.append(f"{k}: {type(error).__name__}: {error}")
            continue
        if memory > 2 * honest + SMALL:
            failures.append(f"{k}: {memory / 1e6:.1f} MB, honest {honest / 1e6:.1f}")
        if seconds > SECONDS:
            failures.append(f"{k}: {seconds:.1f} s")
    assert failures == []


def cost(read: Callable[[], object]) -> tuple[int, float]:
    """The most memory in bytes and the CPU time in seconds that reading takes."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with contextlib.suppress(UserError):
            read()
        seconds = time.process_time() - began
        return tracemalloc.get_traced_memory()[1], seconds
    finally:
        tracemalloc.stop()
