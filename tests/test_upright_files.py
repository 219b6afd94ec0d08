"""Splat files whose y points down: told by their floor, and turned over by one click."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.commands.export import opened as material_at
from app.program import Program
from core.export.any_file import read_splats
from core.export.job import Material, exported
from core.export.wish import Wish
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.scene.compose import compose
from core.scene.layout import Ground
from core.scene.upright import HALF_TURN, Upright, stands, turned_over
from tests.display import missing_display
from tests.scenes import cloud
from tests.window_parts import (
    CONTROL,
    Answers,
    at_rest,
    click,
    drop,
    notice,
    opened,
    press,
    said,
    until,
)


def room_of(turn: float) -> Gaussians:
    """Solid Gaussians on a floor with things on it, on two walls, and on part of a ceiling."""
    dice = np.random.default_rng(3)
    floor = dice.uniform([-2, 0, -2], [2, 0, 2], (1200, 3))
    walls = dice.uniform([-2, 0, -2], [2, 2.4, -2], (600, 3))
    things = dice.uniform([-1, 0, -1], [0.5, 0.7, 0.2], (500, 3))
    ceiling = dice.uniform([-2, 2.4, -2], [2, 2.4, -0.5], (300, 3))
    points = torch.from_numpy(np.concatenate([floor, walls, walls[:, [2, 1, 0]], things, ceiling]))
    room = replace(cloud(len(points)), means=points.float())
    room = replace(room, logit_opacity=torch.full((len(points),), 3.0))
    turned = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    return moved(room, Pose(turned, np.zeros(3)))


@pytest.mark.parametrize("turn", [0.0, 0.8])
def test_a_room_tells_by_its_floor_how_it_stands(turn: float) -> None:
    room = room_of(turn)
    assert stands(SplatArrays.from_gaussians(room)) is Upright.RIGHT
    assert stands(SplatArrays.from_gaussians(moved(room, HALF_TURN))) is Upright.OVER


def test_a_lump_tells_nothing() -> None:
    points = np.random.default_rng(0).normal(size=(3000, 3)).astype(np.float32)
    splats = SplatArrays.from_gaussians(room_of(0.0))
    lump = replace(splats, means=np.resize(points, splats.means.shape))
    assert stands(lump) is Upright.UNKNOWN
    none = SplatArrays.from_gaussians(room_of(0.0).rows(torch.zeros(0, dtype=torch.int64)))
    assert stands(none) is Upright.UNKNOWN


def test_turned_over_twice_is_as_before() -> None:
    ground = Ground(confirmed=True)
    once = turned_over(ground)
    assert not once.confirmed
    up = np.array([[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(once.scene_from_capture.apply(up), -up, atol=1e-12)
    assert turned_over(once).scene_from_capture == ground.scene_from_capture


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def program(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, answers: Answers
) -> Iterator[Program]:
    why = missing_display()
    if why:
        pytest.skip(why)
    with opened(tmp_path_factory.mktemp("home"), answers) as program:
        yield program


def test_a_file_on_its_head_is_told_and_one_click_turns_it(
    program: Program, tmp_path: Path
) -> None:
    room = room_of(0.3)
    path = tmp_path / "theirs.ply"
    for _ in exported(path, Material(room), Wish(y_down=True)):
        pass
    drop(program, path)
    box = notice(program, "theirs.ply seems to stand on its head.")
    until(lambda: at_rest(program))
    click(box.buttons[0])
    state = program.state
    assert program.document.undo_label == "Turn the scene over"
    assert isinstance(state.base, SplatArrays)
    now = compose(state.base.to_gaussians(), state.plan.layout)
    np.testing.assert_allclose(now.means.numpy(), room.means.numpy(), atol=1e-5)
    press(program.window, Qt.Key.Key_Z, CONTROL)
    assert program.state.plan.layout.ground == Ground()


def test_a_file_alone_becomes_a_project(program: Program, answers: Answers, tmp_path: Path) -> None:
    """Saved with what was changed, opened again, and exported."""
    room = room_of(0.3)
    path = tmp_path / "theirs.ply"
    for _ in exported(path, Material(room), Wish(y_down=True)):
        pass
    drop(program, path)
    click(notice(program, "theirs.ply seems to stand on its head.").buttons[0])
    answers.file = tmp_path / "mine.maquette"
    press(program.window, Qt.Key.Key_S, CONTROL)
    until(lambda: not program.document.modified)
    before = program.state
    program.new()
    assert not program.actions["save"].isEnabled()
    drop(program, answers.file)
    until(lambda: program.state.content is not None and at_rest(program))
    state = program.state
    assert state.path == answers.file
    assert isinstance(state.base, SplatArrays)
    assert isinstance(before.base, SplatArrays)
    np.testing.assert_array_equal(state.base.means, before.base.means)
    np.testing.assert_array_equal(state.base.sh, before.base.sh)
    now = compose(state.base.to_gaussians(), state.plan.layout)
    np.testing.assert_allclose(now.means.numpy(), room.means.numpy(), atol=1e-5)
    material, _ = material_at(answers.file)
    again = tmp_path / "again.ply"
    for _ in exported(again, material, Wish()):
        pass
    np.testing.assert_allclose(read_splats(again).means, room.means, atol=1e-5)
    assert said(program) == []
