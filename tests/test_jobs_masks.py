"""The jobs about masks: photos come whole, answers keep to the hand, masks are carried over."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.engine.control import Control
from app.jobs.kinds import (
    BuildJob,
    Carried,
    Found,
    ObjectIds,
    Proposed,
    Question,
    WholePhoto,
    answer_question,
    build_scene,
    carry_masks,
    embed_photo,
    open_segmenter,
    propose_objects,
    whole_photo,
)
from app.jobs.masks import MEMORY
from core.capture.colmap import read_colmap
from core.capture.names import match_names
from core.capture.photos import Capture, Photo
from core.capture.pixels import load_pixels
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.start import gaussians_from_points
from core.pipeline.settings import PRESETS, Preset
from core.segment import regions
from core.segment.labels import BACKGROUND, PhotoMask, Standing
from core.segment.masks import Masks
from core.segment.protocol import Box, Prompt
from core.segment.tiles import Area, Tiled
from core.train.steps import Snapshot
from tests.pictures import find
from tests.sam_networks import saved_folder
from tests.small_room import HEIGHT, WIDTH, make_room

CHAIR = 2


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Capture, Reconstruction]:
    photos, model = make_room(tmp_path_factory.mktemp("room"), photos=4)
    capture = find(photos)
    return capture, match_names(read_colmap(model), capture)


def halved(photo: Photo) -> PhotoMask:
    """The left half is the chair, the right half is not."""
    half = regions.box(Area(0, 0, photo.width // 2, photo.height), photo.height, photo.width)
    everything = Tiled.full(photo.height, photo.width, 1)
    blank = PhotoMask.blank(photo.height, photo.width)
    return blank.painted(everything, BACKGROUND).painted(half, CHAIR)


def test_a_photo_comes_at_full_size(scene: tuple[Capture, Reconstruction], tmp_path: Path) -> None:
    photo = scene[0].photos[0]
    (whole,) = whole_photo(Control(), photo)
    assert isinstance(whole, WholePhoto)
    assert np.array_equal(whole.pixels, load_pixels(photo))
    with pytest.raises(UserError, match="can no longer be read"):
        list(whole_photo(Control(), replace(photo, path=tmp_path / "gone.jpg")))


def test_an_answer_keeps_to_what_the_hand_said(scene: tuple[Capture, Reconstruction]) -> None:
    photo = scene[0].photos[0]
    blank = PhotoMask.blank(photo.height, photo.width)
    corner = regions.box(Area(0, 0, 12, 12), photo.height, photo.width)
    other = regions.box(Area(85, 45, 100, 60), photo.height, photo.width)
    mask = blank.painted(corner, CHAIR).painted(other, 3)
    assert list(embed_photo(Control(), photo)) == []
    prompt = Prompt(box=Box(72.0, 32.0, 106.0, 64.0))
    (found,) = answer_question(Control(), Question(photo, mask, CHAIR, prompt))
    assert isinstance(found, Found)
    assert found.regions
    assert len(found.scores) == len(found.regions)
    for region in found.regions:
        inside = region.whole() > 0
        assert inside[:12, :12].all()
        assert not inside[45:60, 85:100].any()


def test_the_segmenter_takes_the_shape_of_the_scene(
    scene: tuple[Capture, Reconstruction],
) -> None:
    capture, reconstruction = scene
    photo = capture.photos[-1]
    placed = next(each for each in reconstruction.photos if each.name == photo.name)
    splats = SplatArrays.from_gaussians(gaussians_from_points(reconstruction.points))
    assert list(embed_photo(Control(), photo)) == []
    assert not MEMORY.embedded(photo, "").features["deep"]
    assert list(embed_photo(Control(), photo, "", placed, splats)) == []
    assert MEMORY.embedded(photo, "").features["deep"]


def test_a_network_of_the_users_answers(
    scene: tuple[Capture, Reconstruction], tmp_path: Path
) -> None:
    pytest.importorskip("transformers", exc_type=ImportError)
    place = str(saved_folder(tmp_path, "sam"))
    photo = scene[0].photos[0]
    assert list(open_segmenter(Control(), place)) == []
    blank = PhotoMask.blank(photo.height, photo.width)
    prompt = Prompt(box=Box(72.0, 32.0, 106.0, 64.0))
    (found,) = answer_question(Control(), Question(photo, blank, CHAIR, prompt, place))
    assert isinstance(found, Found)
    assert all((r.height, r.width) == (HEIGHT, WIDTH) for r in found.regions)


def test_what_is_no_network_is_told(scene: tuple[Capture, Reconstruction], tmp_path: Path) -> None:
    (tmp_path / "sam.pth").write_bytes(b"no weights")
    for place in (tmp_path / "sam.pth", tmp_path / "gone.pth", tmp_path):
        with pytest.raises(UserError):
            list(open_segmenter(Control(), str(place)))
    (found,) = propose_objects(Control(), scene[0].photos[0])  # the built-in segmenter goes on
    assert isinstance(found, Proposed)


def test_proposals_are_parts_of_the_photo(scene: tuple[Capture, Reconstruction]) -> None:
    photo = scene[0].photos[1]
    (proposed,) = propose_objects(Control(), photo)
    assert isinstance(proposed, Proposed)
    assert proposed.name == photo.name
    assert all((r.height, r.width) == (HEIGHT, WIDTH) for r in proposed.regions)
    assert all(r.count() > 0 for r in proposed.regions)


def test_masks_are_carried_through_the_scene(scene: tuple[Capture, Reconstruction]) -> None:
    capture, reconstruction = scene
    photo = capture.photos[0]
    splats = SplatArrays.from_gaussians(gaussians_from_points(reconstruction.points))
    mine = halved(photo)
    masks = Masks(photos={photo.name: mine})
    steps = list(carry_masks(Control(), capture, reconstruction, masks, splats))
    (ids,) = [step.ids for step in steps if isinstance(step, ObjectIds)]
    assert ids.shape == (len(splats),)
    assert set(np.unique(ids).tolist()) == {0, CHAIR}
    carried = {step.name: step.mask for step in steps if isinstance(step, Carried)}
    assert carried.keys() == {each.name for each in reconstruction.photos}
    assert (carried[photo.name].where(CHAIR) >= mine.where(CHAIR)).all()
    assert carried[photo.name].standing is Standing.USER
    others = [mask.standing for name, mask in carried.items() if name != photo.name]
    assert set(others) <= {Standing.PROPAGATED, Standing.DOUBTFUL}


@pytest.mark.slow
def test_a_build_takes_the_masks_along(
    scene: tuple[Capture, Reconstruction], tmp_path: Path
) -> None:
    capture, reconstruction = scene
    masks = {photo.name: halved(photo) for photo in capture.photos[:2]}
    settings = replace(PRESETS[Preset.QUICK], iterations=3, max_size=96)
    job = BuildJob(capture, settings, tmp_path, reconstruction=reconstruction, masks=masks)
    *_, last = [each for each in build_scene(Control(), job) if isinstance(each, Snapshot)]
    assert set(last.gaussians.object_id.unique().tolist()) == {0, CHAIR}
