"""Carrying masks through a scene: the truth comes back, and the user's pixels always win."""

import numpy as np
import pytest
import torch

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto
from core.segment.labels import UNLABELLED, PhotoMask, Standing
from core.segment.propagate import Lifted, Propagated, lift_masks, through_scene
from core.segment.protocol import Photo
from core.segment.warp import flattening
from tests.test_segment_lift import CAMERA, clusters, images, views

LENS = Lens("PINHOLE", CAMERA.width, CAMERA.height, (CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy))
NAMES = ("a.jpg", "b.jpg", "c.jpg")


def photos() -> list[PlacedPhoto]:
    poses = [view.camera_from_scene.double().numpy() for view in views()]
    return [PlacedPhoto(name, LENS, pose) for name, pose in zip(NAMES, poses, strict=True)]


def pictures() -> dict[str, Photo]:
    from core.render.rasterize import rasterize

    drawn = [rasterize(clusters(), view).color for view in views()]
    return {n: (255 * d.clamp(0, 1)).byte().numpy() for n, d in zip(NAMES, drawn, strict=True)}


def truth() -> list[np.ndarray]:
    """What every photo shows; 0 where it is mostly empty."""
    from core.render.rasterize import rasterize

    solid = [rasterize(clusters(), view).alpha.numpy() > 0.5 for view in views()]
    return [np.where(at, image, 0) for at, image in zip(solid, images(clusters()), strict=True)]


def carried(masks: dict[str, PhotoMask]) -> dict[str, Propagated]:
    loaded = pictures()
    steps = list(through_scene(clusters(), photos(), masks, loaded.__getitem__))
    assert sum(isinstance(step, Lifted) for step in steps) == 1
    return {step.name: step for step in steps if isinstance(step, Propagated)}


def test_one_mask_becomes_all() -> None:
    true = truth()
    found = carried({"b.jpg": PhotoMask.from_arrays(true[1], None, Standing.USER)})
    for name, image in zip(NAMES, true, strict=True):
        labels = found[name].mask.labels()
        for label in (4, 7, 9):
            mine, theirs = labels == label, image == label
            assert (mine & theirs).sum() / (mine | theirs).sum() > 0.75
    assert found["b.jpg"].mask.standing is Standing.USER
    assert found["a.jpg"].mask.standing in (Standing.PROPAGATED, Standing.DOUBTFUL)
    assert 0 <= found["a.jpg"].agreement <= 1


def test_pixels_by_hand_never_change() -> None:
    true = truth()
    random = np.random.default_rng(2)
    hand = random.random(true[0].shape) < 0.3
    wrong = np.where(hand, random.integers(0, 30, hand.shape), UNLABELLED)
    masks = {
        "a.jpg": PhotoMask.from_arrays(wrong, hand, Standing.USER),
        "b.jpg": PhotoMask.from_arrays(true[1], None, Standing.USER),
    }
    after = carried(masks)["a.jpg"].mask
    assert np.array_equal(after.labels()[hand], wrong[hand])
    assert np.array_equal(after.by_hand(), hand)


def test_masks_that_were_carried_have_no_say() -> None:
    true = truth()
    given = {"b.jpg": PhotoMask.from_arrays(true[1], None, Standing.USER)}
    wrong = PhotoMask.from_arrays(np.full(true[0].shape, 9), None, Standing.DOUBTFUL)
    alone = lift_masks(clusters(), photos(), given).votes.weights
    both = lift_masks(clusters(), photos(), {**given, "a.jpg": wrong}).votes.weights
    assert torch.equal(alone, both)


def test_without_a_mask_nothing_is_carried() -> None:
    assert carried({}) == {}


@pytest.mark.parametrize(
    "params", [(80, 80, 48, 36, 0, 0, 0, 0), (80, 78, 47, 37, 0.1, -0.05, 0, 0)]
)
def test_pictures_come_back_from_their_flat_views(params: tuple[float, ...]) -> None:
    y, x = np.mgrid[:72, :96].astype(np.float32)
    picture = np.dstack([np.sin(x / 9), np.cos(y / 7), x / 96, y / 72, x * y / 6912])
    lens = Lens("OPENCV", 96, 72, tuple(map(float, params)))
    flat, _ = flattening(PlacedPhoto("a", lens, np.eye(4)), 96)
    back = flat.to_photo(flat.to_flat(picture), 96, 72)
    assert np.abs(back - picture)[6:-6, 6:-6].max() < 0.02
