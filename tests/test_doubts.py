"""Photos that confirm far less than the others are named."""

from collections.abc import Sequence

import pytest
import torch

import core.pipeline.doubts
from core.capture.reconstruction import PlacedPhoto
from core.dense.depth import DepthMap
from core.geometry.camera import Pinhole
from core.pipeline.doubts import doubts
from core.pipeline.prepare import Flat, pinhole_lens
from tests.turned import turned

CAMERA = Pinhole(8, 6, 8.0, 8.0, 4.0, 3.0)


def told(monkeypatch: pytest.MonkeyPatch, shares: Sequence[float | None]) -> tuple[str, ...]:
    view = turned(CAMERA, 0.0)
    place = view.camera_from_scene.double().numpy()
    flats = [
        Flat(f"{k}.jpg", torch.zeros(6, 8, 3, dtype=torch.uint8), view,
             PlacedPhoto(f"{k}.jpg", pinhole_lens(CAMERA), place))
        for k in range(len(shares))
    ]  # fmt: skip
    monkeypatch.setattr(core.pipeline.doubts, "confirmed", lambda *_: list(shares))
    return doubts(flats, [DepthMap.unknown(6, 8)] * len(shares))


def test_the_one_that_stands_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (words,) = told(monkeypatch, [0.7, 0.6, 0.04, None, 0.8])
    assert words.startswith("2.jpg ")
    assert "4%" in words


def test_where_all_confirm_little_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, [0.1, 0.08, 0.06, 0.12]) == ()


def test_two_photos_cannot_tell_which_of_them_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, [0.9, 0.01]) == ()
    assert told(monkeypatch, [0.9, 0.01, None]) == ()
    assert doubts([], []) == ()
