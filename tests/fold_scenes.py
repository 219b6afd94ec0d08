"""Photos left out of small scenes of a painted room, and scenes made again as a test says."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.capture.reconstruction import Reconstruction, SparsePoints
from core.gaussians.table import Gaussians
from core.pipeline.folds import Folds, Small
from core.pipeline.prepare import Flat, Pictures
from core.pipeline.settings import PRESETS, Preset
from core.progress import Progress
from tests.prior_scenes import looking, photographed, room

VIEWS = [looking((x, 0.5, -0.8), (0.6 * x, 0.2, 4)) for x in (-0.9, -0.3, 0.3, 0.9)]
STANDARD = PRESETS[Preset.STANDARD]


def last(steps: Generator[Any, None, Any]) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def spoiled(scene: Gaussians) -> Gaussians:
    """With blotches: colours that are off, one Gaussian by one."""
    noise = torch.randn(scene.sh.shape, generator=torch.Generator().manual_seed(0))
    return replace(scene, sh=scene.sh + 0.5 * noise)


def small_and_folds() -> tuple[Small, Folds]:
    """Four photos of the room; each fold is the room spoiled."""
    photos = photographed(room(), VIEWS)
    flats = tuple(
        Flat(f"{k}.jpg", photo, view, None)  # type: ignore[arg-type]
        for k, (photo, view) in enumerate(zip(photos, VIEWS, strict=True))
    )
    nothing = Reconstruction((), SparsePoints.none(), ())
    small = Small(nothing, Pictures(flats, (), ()), (), (), STANDARD)
    names = tuple((flat.name,) for flat in flats)
    return small, Folds(room(), (spoiled(room()),) * 4, names)


def remade(monkeypatch: pytest.MonkeyPatch, scene: Gaussians) -> list[int]:
    """Let training with a prior give `scene`; how often it was asked is counted."""
    asked = []

    def made_without(self: Small, group: Any, share: Any, stop: Any, terms: Any) -> Any:
        assert len(terms) == 1
        asked.append(group)
        yield Progress("Training", 0, 1)
        return scene

    monkeypatch.setattr(Small, "made_without", made_without)
    return asked
