"""Masks in project folders: the same pixels after saving and opening, and damage is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.project.folder import Project, open_project, save_project
from core.segment.labels import IGNORE, UNLABELLED, PhotoMask, Role, SceneObject, Standing
from core.segment.masks import FIRST_OBJECTS, Masks
from tests.test_project import assert_same, capture, project

__all__ = ["capture", "project"]  # fixtures


@pytest.fixture
def masked(project: Project) -> Project:
    """Two of three photos have masks, with labels beyond what eight bits hold."""
    dice = np.random.default_rng(4)
    chair = SceneObject(2, "Stuhl „é“", "#ff0000", locked=True)
    lamp = SceneObject(700, "Lamp", "#00ff00", Role.OBJECT, visible=False)
    photos = {}
    for photo in project.capture.photos[:2]:
        shape = (photo.height, photo.width)
        labels = dice.choice([0, 1, 2, 700, IGNORE, UNLABELLED], shape).astype(np.uint16)
        labels[: shape[0] // 2] = 700
        hand = (dice.random(shape) < 0.5) & (labels != UNLABELLED)
        standing = Standing.DOUBTFUL if photos else Standing.USER
        photos[photo.name] = PhotoMask.from_arrays(labels, hand, standing)
    return replace(project, masks=Masks((*FIRST_OBJECTS, chair, lamp), photos, 701))


def test_the_same_pixels_come_back(tmp_path: Path, masked: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, masked)
    opened = open_project(folder)
    assert_same(opened, masked)
    save_project(folder, opened)  # over itself
    assert_same(open_project(folder), masked)
    assert len(list(folder.glob("data-*/masks/*"))) == 4


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def scaled(file: Path) -> None:
    from PIL import Image

    Image.new("I;16", (7, 9)).save(file)


def brightened(file: Path) -> None:
    from PIL import Image

    with Image.open(file) as image:
        size = image.size
    Image.fromarray(np.full(size[::-1], 40000, np.uint16)).save(file)


def of_nobody(file: Path) -> None:
    from PIL import Image

    with Image.open(file) as image:
        size = image.size
    Image.fromarray(np.full(size[::-1], 77, np.uint16)).save(file)


@pytest.mark.parametrize("harm", [cut, emptied, scaled, brightened, of_nobody, Path.unlink])
def test_damaged_masks_are_told(
    tmp_path: Path, masked: Project, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, masked)
    harm(next(iter(sorted(folder.rglob("*.labels.png")))))
    with pytest.raises(UserError, match="damaged"):
        open_project(folder)
