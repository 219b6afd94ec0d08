"""What the user says of how a lone photo was taken: the law, and that it is held to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.cli.arguments import parse
from app.commands.reconstruct import _said
from core.capture.photos import Capture
from core.project.folder import Project, open_project, save_project
from core.scene.edits import RemovePhotos
from core.scene.photo_edits import SetStance
from core.scene.plan import Plan, lone
from core.segment.labels import UNLABELLED
from core.single.diorama import EYE_HEIGHT, Marked, diorama
from core.single.lines import straight_edges
from core.single.perspective import perspective, told_by
from core.single.stance import (
    HIGHEST,
    LOWEST,
    UNTOLD,
    Said,
    Source,
    Stance,
    film,
    from_film,
    horizon_of,
    tilt_of,
    up_of,
    up_tilted,
    within,
)
from tests.panel_state import photo
from tests.single_scenes import FLOOR, made, truth
from tests.test_project import capture, project

__all__ = ["capture", "project"]  # fixtures

WIDE, TALL = 800.0, 600.0


@given(st.floats(-1.0, 1.0), st.floats(-0.5, 0.5), st.floats(300, 2000))
def test_a_horizon_is_a_pitch_and_a_roll(pitch: float, roll: float, focal: float) -> None:
    up = up_tilted(pitch, roll)
    assert np.allclose(tilt_of(up), (pitch, roll))
    horizon = horizon_of(up, focal, WIDE, TALL)
    assert np.allclose(up_of(horizon, focal, WIDE, TALL), up, atol=1e-9)
    # The rays to its ends are level.
    for x, share in ((0.0, horizon[0]), (WIDE, horizon[1])):
        ray = np.array([(x - WIDE / 2) / focal, (share - 0.5) * TALL / focal, 1.0])
        assert abs(ray @ up) < 1e-9


def test_looking_down_raises_the_horizon() -> None:
    pitch, roll = tilt_of(up_of((0.2, 0.1), 700.0, WIDE, TALL))
    assert pitch < 0  # it is above the middle
    assert roll > 0  # leaning to the right turns the picture to the left


def test_what_is_told_has_bounds() -> None:
    with pytest.raises(ValueError, match="a focal length"):
        Stance(focal=0.01)
    with pytest.raises(ValueError, match="a horizon"):
        Stance(horizon=(0.5, LOWEST + 1))
    left, right = within((-90.0, 3.0), WIDE, TALL)
    assert HIGHEST <= left < right <= LOWEST
    assert within((0.2, 0.3), WIDE, TALL) == pytest.approx((0.2, 0.3))


def test_lengths_on_film_span_the_same_angle() -> None:
    assert film(from_film(26.0, WIDE, TALL), WIDE, TALL) == pytest.approx(26.0)
    diagonal = np.hypot(WIDE, TALL)
    focal = from_film(26.0, WIDE, TALL) * WIDE
    assert diagonal / focal == pytest.approx(np.hypot(36, 24) / 26)


@pytest.mark.parametrize("k", [0, 9])
def test_what_is_told_is_held_to(k: int) -> None:
    """With the true horizon and focal length, the floor is where it is; a lens is found with one
    alone."""
    true = truth(k)
    height, width = true.labels.shape
    edges, longest = straight_edges(true.photo), max(width, height)
    horizon = horizon_of(true.camera_from_scene[:3, 1], true.focal, width, height)
    stance = Stance(true.focal / longest, horizon)
    found = perspective(edges, width, height, 2 * true.focal, stance=stance)  # not what EXIF says
    assert found.focal == pytest.approx(true.focal)
    assert np.allclose(found.up, true.camera_from_scene[:3, 1], atol=1e-6)
    assert told_by(found, 2 * true.focal, stance) is Source.USER
    room = diorama(found, true.photo, edges, width, Marked(true.labels, (), (FLOOR,)))
    floor = true.labels == FLOOR
    off = room.depth[floor] * true.eye[1] / EYE_HEIGHT / true.floor_depth()[floor] - 1
    assert np.median(np.abs(off)) < 0.002
    alone = perspective(edges, width, height, None, stance=Stance(horizon=horizon))
    up = up_of(horizon, alone.focal, width, height)
    assert np.allclose(alone.up, up, atol=1e-9)
    assert alone.focal == pytest.approx(true.focal, rel=0.1)


ODD = ((0.9, 0.9), (LOWEST, LOWEST), (HIGHEST, HIGHEST))  # below the floor's mask; far outside


@pytest.mark.parametrize("horizon", ODD)
def test_any_horizon_makes_a_room(horizon: tuple[float, float]) -> None:
    true = truth(0)
    labels, photo = true.labels[::6, ::6], np.ascontiguousarray(true.photo[::6, ::6])
    edges, stance = straight_edges(photo), Stance(0.3, horizon)
    height, width = labels.shape
    found = perspective(edges, width, height, None, stance=stance)
    things = tuple(set(np.unique(labels).tolist()) - {FLOOR, 0, UNLABELLED})
    room = diorama(found, photo, edges, width, Marked(labels, things, (FLOOR,)))
    assert np.isfinite(room.depth).all()
    assert (room.depth > 0).all()
    assert set(room.things) | room.flat == set(things)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", ODD)
def test_any_horizon_makes_a_scene(tmp_path: Path, horizon: tuple[float, float]) -> None:
    true = truth(0)
    Image.fromarray(true.photo).resize((120, 90)).save(tmp_path / "room.jpg")
    built = made(tmp_path / "room.jpg", true.labels[::6, ::6], 64, Stance(0.3, horizon))
    placed = built.reconstruction.photos[0]
    up = up_of(horizon, placed.lens.params[0], 120, 90)
    assert np.allclose(placed.camera_from_scene[:3, 1], up, atol=1e-6)
    assert np.isfinite(built.last.gaussians.means.numpy()).all()


def test_the_command_line_tells_pixels_or_film() -> None:
    words = ["reconstruct", "a.jpg", "-o", "out"]
    assert _said(parse(words)) is None
    said = _said(parse([*words, "--focal", "600", "--horizon=-30,45"]))
    assert said == Said(600.0, film=False, horizon=(-30.0, 45.0))
    assert said.stance(800, 600) == Stance(0.75, (-0.05, 0.075))
    said = _said(parse([*words, "--focal", "26mm"]))
    assert said is not None
    assert said.stance(800, 600) == Stance(from_film(26.0, 800, 600))
    for wrong in (["--focal", "wide"], ["--focal", "-3"], ["--horizon", "1,2,3"]):
        with pytest.raises(SystemExit):
            parse([*words, *wrong])


def test_it_is_an_edit_of_the_plan() -> None:
    plan = Plan(Capture((photo("a.jpg"), photo("b.jpg"))))
    assert lone(plan) is None
    assert lone(replace(plan, excluded=frozenset({"b.jpg"}))).name == "a.jpg"  # type: ignore[union-attr]
    edit = SetStance("a.jpg", Stance(0.8, (0.3, 0.35)))
    told = edit.apply(plan)
    assert told.stances == {"a.jpg": edit.stance}
    assert edit.apply(told) is told
    assert SetStance("a.jpg", UNTOLD).apply(told).stances == {}
    assert RemovePhotos(("a.jpg",)).apply(told).stances == {}


def test_a_project_keeps_it(tmp_path: Path, project: Project) -> None:
    name = project.capture.photos[0].name
    stances = {name: Stance(0.7123456789, (0.1, -0.2))}
    save_project(tmp_path / "a.maquette", replace(project, stances=stances))
    assert open_project(tmp_path / "a.maquette").stances == stances
