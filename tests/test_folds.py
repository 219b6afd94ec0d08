"""What photos left out tell: versions of a scene, where they differ, and what is said of it."""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import core.pipeline.folds
from core.capture.colmap import read_colmap
from core.capture.find import find_photos
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.sh import SH_C0
from core.pipeline.build import answer
from core.pipeline.folds import UNMEASURED, Folds, expected_error, left_out_errors, make_folds
from core.pipeline.outset import outset, sparse_start
from core.pipeline.prepare import Flat, Pictures, flatten, pinhole_lens
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice, split
from core.pipeline.trust import GUESS, RIGHT, Look, Trust, judge
from core.progress import Progress
from tests.small_room import make_room
from tests.turned import turned

CAMERA = Pinhole(32, 24, 40.0, 40.0, 16.0, 12.0)
AHEAD = View(CAMERA, torch.eye(4))


def last(steps: Generator[Progress, None, Any]) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def wall(grey: float) -> Gaussians:
    """One large Gaussian that fills the picture of `AHEAD` in one colour."""
    return Gaussians(
        torch.tensor([[0.0, 0.0, 3.0]]),
        torch.tensor([[1.0, 0, 0, 0]]),
        torch.full((1, 3), math.log(100.0)),
        torch.full((1,), 12.0),
        torch.full((1, 1, 3), (grey - 0.5) / SH_C0),
        torch.zeros(1, dtype=torch.int64),
    )


def folds_of(whole: float, *parts: float) -> Folds:
    names = tuple((f"{k}.jpg",) for k in range(len(parts)))
    return Folds(wall(whole), tuple(wall(grey) for grey in parts), names)


def moved(x: float, degrees: float = 0.0) -> View:
    return turned(CAMERA, x, degrees)


def flat(name: str, view: View, grey: int = 128) -> Flat:
    from core.capture.reconstruction import PlacedPhoto

    place = PlacedPhoto(name, pinhole_lens(CAMERA), view.camera_from_scene.double().numpy())
    return Flat(name, torch.full((24, 32, 3), grey, dtype=torch.uint8), view, place)


def test_where_no_version_differs_no_error_is_expected() -> None:
    assert float(expected_error(folds_of(0.4, *[0.4] * 6), AHEAD).max()) < 1e-5


def test_a_place_that_one_photo_alone_tells_nothing_new_of_is_trusted() -> None:
    one_lost_it = expected_error(folds_of(0.4, 0.9, *[0.4] * 5), AHEAD)
    most_lost_it = expected_error(folds_of(0.4, *[0.9] * 4, 0.4, 0.4), AHEAD)
    assert float(one_lost_it.max()) < 1e-5
    assert float(most_lost_it.mean()) == pytest.approx(0.25, rel=0.02)


def test_what_was_not_measured_is_not_trusted_though_all_versions_agree() -> None:
    folds = folds_of(0.4, *[0.4] * 6)
    made_up = replace(folds.whole, origin=torch.full((1,), Origin.FILLED, dtype=torch.uint8))
    found = expected_error(replace(folds, whole=made_up), AHEAD)
    assert float(found.mean()) == pytest.approx(UNMEASURED, rel=0.02)


def test_the_order_of_versions_does_not_matter() -> None:
    greys = (0.1, 0.3, 0.45, 0.5, 0.7)
    one, other = (folds_of(0.4, *some) for some in (greys, greys[::-1]))
    torch.testing.assert_close(expected_error(one, AHEAD), expected_error(other, AHEAD))


def test_a_photo_is_held_against_the_scene_made_without_it() -> None:
    folds = folds_of(0.5, 0.5, 0.25, 0.5)
    flats = [flat(f"{k}.jpg", AHEAD) for k in range(3)]
    errors = dict(left_out_errors(folds, flats))
    assert errors["1.jpg"] == pytest.approx(-20 * math.log10(0.25), abs=0.3)
    assert errors["0.jpg"] > errors["1.jpg"] + 20


def test_what_is_ignored_in_a_photo_does_not_count_against_the_scene() -> None:
    folds = folds_of(0.5, 0.5, 0.25, 0.5)
    flats = [flat(f"{k}.jpg", AHEAD) for k in range(3)]
    half = torch.zeros(flats[1].pixels.shape[:2], dtype=torch.bool)
    half[:, : half.shape[1] // 2] = True
    spoiled = flats[1].pixels.clone()
    spoiled[half] = 255
    flats[1] = replace(flats[1], pixels=spoiled)
    nothing, everything = torch.zeros_like(half), torch.ones_like(half)
    errors = dict(left_out_errors(folds, flats, [nothing, half, everything]))
    assert errors["1.jpg"] == pytest.approx(-20 * math.log10(0.25), abs=0.3)
    assert errors.keys() == {"0.jpg", "1.jpg"}


def test_between_and_beside_all_photos_is_looked_from() -> None:
    flats = [flat(f"{k}.jpg", moved(float(k))) for k in range(3)]
    trust = last(judge(folds_of(0.4, 0.4, 0.4, 0.4), flats))
    assert {"between 0.jpg and 1.jpg", "between 1.jpg and 2.jpg"} <= {
        w.place for w in trust.between
    }
    assert len(trust.beside) == 4 * len(flats)


def test_words_say_what_is_right_and_where_a_photo_would_help() -> None:
    good, rough, bad = (
        Look(f"above {n}", psnr) for n, psnr in (("a", RIGHT), ("b", 20), ("c", GUESS - 1))
    )
    assert len(Trust((), (good,), ()).words()) == 1
    assert "everywhere" in Trust((), (good,), ()).words()[0]
    first, second = Trust((), (), (good, rough, bad)).words()
    assert "1 of 3 places" in first
    assert second.startswith("Above c it is a guess")
    assert Trust((), (), ()).words() == ()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Pictures]:
    folder = tmp_path_factory.mktemp("room")
    photos, model = make_room(folder, 5)
    (capture,) = [x for x in find_photos((photos,), folder) if not isinstance(x, Progress)]
    known = read_colmap(model)
    names = [photo.name for photo in known.photos]
    steps = flatten(capture, known, split(names, names, Choice()), 96)
    return known, last(answer(steps, Pictures))


def test_every_photo_is_left_out_once_and_a_stop_ends_it(
    room: tuple[Any, Pictures], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.pipeline.folds, "ITERATIONS", 5)
    known, pictures = room
    settings = replace(PRESETS[Preset.QUICK], max_size=96, max_gaussians=2000)
    begin = last(
        outset(sparse_start(known, pictures, settings), known, pictures, settings, lambda: False)
    )
    folds = last(make_folds(known, pictures, begin, settings, lambda: False))
    named = sorted(name for names in folds.left_out for name in names)
    assert named == sorted(each.name for each in pictures.train)
    assert len(folds.parts) == len(folds.left_out)
    assert np.isfinite([psnr for _, psnr in left_out_errors(folds, pictures.train)]).all()
    assert last(make_folds(known, pictures, begin, settings, lambda: True)) is None
    two = replace(pictures, train=pictures.train[:2])
    few = replace(begin, depths=begin.depths[:2])
    assert last(make_folds(known, two, few, settings, lambda: False)) is None
