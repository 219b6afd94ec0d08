"""What is put into a scene: shown with reason, undone to the bit, kept, and independent of rows."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.capture.photos import Capture
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.project.folder import Project, open_project, save_project
from core.render.rasterize import rasterize
from core.scene.addition_edits import Add, TakeOut
from core.scene.additions import Addition, Kind, completed_scene, free_id, with_additions
from core.scene.cells import Cells, cells_of
from core.scene.document import Document, State
from core.scene.fill.holes import Hole, hole_filled
from core.scene.layout import Layout
from core.scene.layout_edits import BringBack, Delete, Move, SetVisible
from tests.hidden_wall import GROUND, SCREEN, captured, placed, room, views
from tests.layouts import replayed
from tests.scenes import cloud

THING = 3
ASIDE = Pose(np.eye(3), np.array([1.0, 0.0, 0.0]))


def some(count: int, seed: int, id_: int = 0) -> SplatArrays:
    rows = SplatArrays.from_gaussians(cloud(count, seed=seed))
    return replace(rows, object_id=np.full(count, id_, np.int32))


def scene() -> SplatArrays:
    rows = SplatArrays.from_gaussians(cloud(60, seed=1))
    return replace(rows, object_id=(np.arange(60) % 5).astype(np.int32))


def behind(*objects: int) -> Addition:
    return Addition(Kind.BEHIND, objects, some(7, 4))


def test_a_hole_is_filled_while_what_was_before_it_is_away() -> None:
    document = Document(State(content=scene()))
    base = document.state.content
    document.commit(Add(behind(THING)))
    assert document.state.content is base
    for edit in (Delete((THING,)), Move({THING: ASIDE}), SetVisible((THING,), False)):
        document.commit(edit)
        content = document.state.content
        assert isinstance(content, SplatArrays)
        assert len(content) == 67
        assert document.state.base is base
        document.undo()
        assert document.state.content is base
    document.commit(Delete((THING,)))
    document.commit(BringBack((THING,)))
    assert document.state.content is base


def test_what_follows_from_a_step_is_undone_along_with_it() -> None:
    document = Document(State(content=scene()))
    before = document.state
    document.commit(Delete((THING,)))
    document.commit(Add(behind(THING)), joined=True)
    assert document.undo_label == "Delete"
    after = document.state.plan
    document.undo()
    assert document.state.plan is before.plan
    assert document.state.content is before.content
    document.redo()
    assert document.state.plan is after
    document.commit(TakeOut(after.additions))
    assert document.state.plan.additions == ()
    document.undo()
    assert document.state.plan is after


def test_another_filling_takes_the_place_of_the_first_and_things_stay_beside_each_other() -> None:
    document = Document(State(content=scene()))
    first, second, wider = behind(THING), behind(THING), behind(THING, 4)
    document.commit(Add(first))
    document.commit(Add(second))
    assert document.state.plan.additions == (second,)
    document.commit(Add(wider))
    assert document.state.plan.additions == (wider,)
    ids = []
    for _ in range(2):
        ids.append(free_id(document.state.plan.additions))
        document.commit(Add(Addition(Kind.THING, (ids[-1],), some(5, 6, ids[-1]), name="Vase")))
    assert len(set(ids)) == 2
    assert len(document.state.plan.additions) == 3
    assert document.undo_label == "Insert Vase"


def test_history_knows_how_large_additions_are() -> None:
    document = Document(State(content=scene()))
    document.commit(Add(behind(THING)))
    assert document.history_size == behind(THING).size


def test_cells_hold_what_they_were_made_of_and_never_what_they_were_not_to() -> None:
    random_ = np.random.default_rng(0)
    inside, others = random_.normal(0, 1, (300, 3)), random_.normal(0.5, 1, (300, 3))
    cells = cells_of(inside, 0.3, without=others)
    assert not cells.holds(others).any()
    far = np.abs(inside[:, None] - others).max(axis=2).min(axis=1) > 0.3
    assert cells.holds(inside[far]).all()
    assert not cells.holds(inside + 50).any()
    assert not Cells(1.0, np.zeros((0, 3), np.int32)).holds(inside).any()
    wide = cells_of(inside, 0.3, without=np.zeros((0, 3)))
    near = inside + random_.uniform(-0.29, 0.29, inside.shape)
    assert wide.holds(near).all()


def filled(scene: Gaussians) -> Addition:
    hole = Hole((SCREEN,), tuple(views()), GROUND.scene_from_capture)
    *_, found = hole_filled(scene, hole)
    assert isinstance(found, Addition)
    return found


def trained_on(scene: Gaussians, seed: int) -> Gaussians:
    """As training goes on: rows in another order, some split in two near where they were."""
    chance = torch.Generator().manual_seed(seed)
    twice = scene.rows(torch.randperm(len(scene), generator=chance)[: len(scene) // 3])
    twice = replace(
        twice, means=twice.means + 0.004 * torch.randn(twice.means.shape, generator=chance)
    )
    whole = scene.followed_by(twice)
    return whole.rows(torch.randperm(len(whole), generator=chance))


def picture(scene: Gaussians, addition: Addition, layout: Layout) -> torch.Tensor:
    shown = completed_scene(scene, (addition,), layout)
    return rasterize(shown.rows(shown.object_id != SCREEN), views()[1]).color


def test_a_filling_holds_however_training_goes_on() -> None:
    before, layout = captured(), replayed([Delete((SCREEN,))])
    addition = filled(before)
    assert (addition.splats.origin == Origin.IMAGINED).all()
    assert len(addition.hides.at)
    truth = rasterize(room(), views()[1]).color
    hole = rasterize(before.rows(before.object_id != SCREEN), views()[1]).color
    open_ = ((hole - truth) ** 2).mean(dim=2) > 1e-3

    def off(other: torch.Tensor) -> float:
        return float(((other - truth)[open_] ** 2).mean())

    first = off(picture(before, addition, layout))
    assert first < off(hole) / 4  # 6 dB
    for seed in range(1):
        later = trained_on(before, seed)
        assert off(picture(later, addition, layout)) < 1.5 * first
    # And the screen itself is hidden by no cell, wherever it stands.
    content = SplatArrays.from_gaussians(before)
    whole = with_additions(content, (addition,))
    assert isinstance(whole, SplatArrays)
    assert (whole.object_id == SCREEN).sum() == (content.object_id == SCREEN).sum()


def test_nothing_is_filled_where_photos_leave_nothing_open() -> None:
    whole = room()
    thing = captured(0)
    thing = thing.rows(thing.object_id == SCREEN)
    thing = replace(thing, means=thing.means + torch.tensor([0.0, 50.0, 0.0]))
    assert not len(filled(whole.followed_by(thing)).splats)
    assert not len(filled(whole).splats)


def test_a_project_keeps_additions_to_the_bit(tmp_path: Path) -> None:
    chance = random.Random(0)
    cells = cells_of(np.random.default_rng(0).normal(0, 1, (20, 3)), 0.1, without=np.zeros((0, 3)))
    additions = (
        replace(behind(THING), hides=cells),
        Addition(Kind.THING, (free_id(()),), some(chance.randint(3, 9), 5), name="Étagère"),
    )
    project = Project(
        Capture(()), placed(()), scene().to_gaussians(), torch.zeros(0, 2, 3), (),
        additions=additions, layout=replayed([Delete((THING,))]),
    )  # fmt: skip
    save_project(tmp_path / "a.maquette", project)
    opened = open_project(tmp_path / "a.maquette")
    assert len(opened.gaussians) == 60
    for one, two in zip(additions, opened.additions, strict=True):
        assert (one.kind, one.objects, one.name, one.hides.side) == (
            two.kind, two.objects, two.name, two.hides.side,
        )  # fmt: skip
        np.testing.assert_array_equal(one.hides.at, two.hides.at)
        np.testing.assert_array_equal(one.splats.means, two.splats.means)
        np.testing.assert_array_equal(one.splats.origin, two.splats.origin)
    assert len(opened.scene) == 60 - int(cells.holds(scene().means).sum()) + 7 + len(
        additions[1].splats
    )


@pytest.mark.parametrize("degree", [0, 2])
def test_colours_of_other_degrees_fit_beside_each_other(degree: int) -> None:
    part = some(4, 2)
    thin = replace(part, sh=np.ascontiguousarray(part.sh[:, : (degree + 1) ** 2]))
    whole = with_additions(scene(), (Addition(Kind.THING, (20,), thin),))
    assert isinstance(whole, SplatArrays)
    assert whole.sh_degree == 3
    np.testing.assert_array_equal(whole.sh[60:, : thin.sh.shape[1]], thin.sh)
    assert not whole.sh[60:, thin.sh.shape[1] :].any()
