"""From where the scene can be trusted: what its photos say of places between and beside them."""

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.geometry.aim import between
from core.geometry.camera import View
from core.pipeline.folds import Folds, expected_error, left_out_errors
from core.pipeline.prepare import Flat
from core.progress import Progress

Array = NDArray[np.float64]

STAGE = "Judging places to look from"
NEIGHBOURS = 2  # of each photo, between which places are looked at
ASIDE = 1.0  # of the way to the nearest neighbour: how far beside a photo
RIGHT, GUESS = 22.0, 18.0  # dB: above the first it looks right, below the second it is a guess
# What all the scenes get wrong alike does not show in their differences: true errors of 17 views
# of two drawn rooms were twice what the differences say. Of 44 views of a real capture, 24.1 dB
# in truth, 23.9 were then expected.
ALIKE = 2.0
SIDES = {"to the left of": (-1, 0), "to the right of": (1, 0), "above": (0, -1), "below": (0, 1)}


@dataclass(frozen=True)
class Look:
    """A place to look from, in words, and the `psnr` in dB that a picture from it is expected."""

    place: str
    psnr: float


@dataclass(frozen=True)
class Trust:
    """What photos left out say of the scene.

    `left_out`: by photo, the PSNR in dB with which the others alone show it, small. `between`
    neighbouring photos and `beside` photos: places to look from.
    """

    left_out: tuple[tuple[str, float], ...]
    between: tuple[Look, ...]
    beside: tuple[Look, ...]

    def words(self) -> tuple[str, ...]:
        """Sentences for the user."""
        return tuple(
            sentence
            for where, looks in (("Between", self.between), ("A step beside", self.beside))
            for sentence in _told(where, looks)
        )

    def as_json(self) -> dict[str, object]:
        looks = {"between": self.between, "beside": self.beside}
        told = {key: [vars(look) for look in value] for key, value in looks.items()}
        return {"left_out": dict(self.left_out), **told, "words": list(self.words())}


def expected_psnr(folds: Folds, view: View) -> float:
    """dB that a picture of the scene from `view` is expected to have, against a photo."""
    return -10 * math.log10(max(ALIKE * float(expected_error(folds, view).mean()), 1e-10))


def judge(
    folds: Folds, flats: Sequence[Flat], ignored: Sequence[Tensor] = ()
) -> Generator[Progress, None, Trust]:
    """Look at the scene from between and beside the photos it is made from.

    `ignored`: see `core.train.labels.Ignored`.
    """
    views = [flat.view for flat in flats]
    names = [flat.name for flat in flats]
    found: tuple[list[Look], list[Look]] = [], []
    places = [(0, *each) for each in _between(views, names)]
    places += [(1, *each) for each in _beside(views, names)]
    for k, (kind, place, view) in enumerate(places):
        yield Progress(STAGE, k, len(places), place)
        found[kind].append(Look(place, expected_psnr(folds, view)))
    yield Progress(STAGE, len(places), len(places))
    return Trust(tuple(left_out_errors(folds, flats, ignored)), tuple(found[0]), tuple(found[1]))


def _told(where: str, looks: Sequence[Look]) -> Iterator[str]:
    """What is good, and what is the worst."""
    if not looks:
        return
    right = sum(look.psnr >= RIGHT for look in looks)
    worst = min(looks, key=lambda look: look.psnr)
    typical = float(np.median([look.psnr for look in looks]))
    share = "everywhere" if right == len(looks) else f"at {right} of {len(looks)} places"
    yield f"{where} photos the scene should look right {share} (about {typical:.0f} dB)."
    if worst.psnr < RIGHT:
        kind = "a guess" if worst.psnr < GUESS else "only roughly right"
        yield (
            f"{worst.place[:1].upper()}{worst.place[1:]} it is {kind} ({worst.psnr:.0f} dB): "
            "a photo from there would help most."
        )


def _between(views: Sequence[View], names: Sequence[str]) -> Iterator[tuple[str, View]]:
    """Half way from each photo to its nearest neighbours, each pair once."""
    away = _distances(views)
    pairs = {
        (min(i, int(j)), max(i, int(j)))
        for i in range(len(views))
        for j in np.argsort(away[i])[1 : NEIGHBOURS + 1]
    }
    for i, j in sorted(pairs):
        yield f"between {names[i]} and {names[j]}", between(views[i], views[j])


def _beside(views: Sequence[View], names: Sequence[str]) -> Iterator[tuple[str, View]]:
    """A step to the sides of each photo, looking the same way."""
    away = _distances(views)
    for i, view in enumerate(views):
        step = ASIDE * float(np.sort(away[i])[1])
        for words, (x, y) in SIDES.items():
            moved = view.camera_from_scene.clone()
            moved[:2, 3] -= torch.tensor([x * step, y * step]).to(moved)
            yield f"{words} {names[i]}", View(view.camera, moved)


def _distances(views: Sequence[View]) -> Array:
    """[P, P] between the centres."""
    centres = np.stack([view.centre().double().numpy() for view in views])
    away: Array = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    return away
