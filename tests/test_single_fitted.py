"""Gaussians fitted to pictures of which a part counts, and scenes that grow step by step."""

from collections.abc import Generator
from typing import TypeVar

import pytest
import torch

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.progress import Progress
from core.render.rasterize import rasterize
from core.single.fitted import Sight, fitted, reprojections
from core.single.growing import Stepped, grown_by_one
from core.single.paths import Growth, Path, path_told
from tests.prior_scenes import looking, sheet

T = TypeVar("T")


def last(steps: Generator[Progress, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: T = end.value
            return answer


def room() -> tuple[Gaussians, View]:
    """A wall and a floor at y = 0, and a camera before them."""
    wall = sheet((-2, 3, -4), (4, 0, 0), (0, -3, 0), 0.1)
    floor = sheet((-2, 0, -4), (4, 0, 0), (0, 0, 3), 0.1)
    scene = wall.followed_by(floor)
    view = looking((0.0, 1.2, 1.0), (0.0, 1.0, -4.0))
    camera = view.camera
    small = Pinhole(48, 36, camera.fx * 48 / camera.width, camera.fy * 48 / camera.width, 24, 18)
    return scene, View(small, view.camera_from_scene.float())


def test_only_what_counts_is_fitted() -> None:
    """Methods, 7.12: rows seen where nothing counts keep their values to the bit."""
    scene, view = room()
    counts = torch.zeros(36, 48, dtype=torch.bool)
    counts[:, :12] = True
    wrong = torch.full((36, 48, 3), 255, dtype=torch.uint8)
    done = last(
        fitted(
            scene, torch.ones(len(scene), dtype=torch.bool), [Sight(view, wrong, counts)], 4.0, 3
        )
    )
    moved = (done.sh != scene.sh).flatten(1).any(dim=1)
    places = view.camera_from_scene
    seen = scene.means @ places[:3, :3].T + places[:3, 3]
    column = view.camera.fx * seen[:, 0] / seen[:, 2] + view.camera.cx
    assert bool(moved.any())
    assert not bool(moved[column > 24].any())
    before, after = (rasterize(each, view).color[counts] for each in (scene, done))
    assert float((1 - after).abs().mean()) < float((1 - before).abs().mean())


def test_rows_that_are_not_free_stay() -> None:
    scene, view = room()
    free = torch.arange(len(scene)) % 2 == 0
    everything = torch.ones(36, 48, dtype=torch.bool)
    wrong = torch.full((36, 48, 3), 255, dtype=torch.uint8)
    done = last(fitted(scene, free, [Sight(view, wrong, everything)], 4.0, 1))
    for name in ("means", "sh", "log_scales", "logit_opacity", "quats"):
        assert torch.equal(getattr(done, name)[~free], getattr(scene, name)[~free])


def test_reprojections_turn_about_what_is_looked_at() -> None:
    scene, view = room()
    ahead = view.centre() + 4.0 * view.camera_from_scene[2, :3]
    for each in reprojections(scene, view, 4.0):
        seen = each.view.camera_from_scene[:3, :3] @ ahead + each.view.camera_from_scene[:3, 3]
        torch.testing.assert_close(seen, torch.tensor([0.0, 0.0, 4.0]), atol=1e-4, rtol=0)
        assert bool(each.counts.any())


def test_a_step_adds_what_is_not_there_and_can_be_gone_on_from() -> None:
    scene, view = room()
    first = last(grown_by_one(scene, view, (), Growth(Path.LOOK_AROUND)))
    assert isinstance(first, Stepped)
    assert first.grown is not None
    assert len(first.grown.added) == int(first.grown.hole.sum()) > 20
    assert bool((first.grown.added.origin == Origin.FILLED).all())
    assert bool(first.grown.added.finite().all())
    whole = scene.followed_by(first.grown.added)
    there = first.grown.view
    covered = [
        float((rasterize(each, there).alpha > 0.5).float().mean()) for each in (scene, whole)
    ]
    assert covered[1] > max(0.97, covered[0])


@pytest.mark.slow
def test_a_network_that_is_not_there_is_done_without() -> None:
    scene, view = room()
    step = last(grown_by_one(scene, view, (), Growth(Path.STEP_IN, prior="/nowhere"), 2))
    assert "own faces" in step.words


@pytest.mark.parametrize(
    ("words", "told"),
    [("look-around", (Path.LOOK_AROUND, 4)), ("step-in:2", (Path.STEP_IN, 2))],
)
def test_paths_are_told_in_words(words: str, told: tuple[Path, int]) -> None:
    assert path_told(words) == told


@pytest.mark.parametrize("words", ["", "sideways", "look-around:0", "look-around:x"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        path_told(words)
