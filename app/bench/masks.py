"""`maquette bench masks`: how good masks become from a few clicks, and how fast clicks answer."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.bench.masks_user import (
    FEWEST,
    Clock,
    Labels,
    best_photos,
    iou,
    one_photo,
    worked_on,
)
from app.cli.console import say
from app.threads import set_threads
from core.capture.pixels import load_pixels
from core.errors import UserError
from core.project.folder import Project, open_project
from core.segment.counting import FLAT
from core.segment.labels import BACKGROUND, UNLABELLED, PhotoMask, Role, Standing
from core.segment.lift import lift, rendered_labels
from core.segment.mask_import import Imported, import_masks
from core.segment.picker import RegionPicker
from core.segment.propagate import Propagated, through_scene
from core.segment.protocol import Box, Embedded, Photo, Prompt
from core.segment.relief import relief_of
from core.segment.tidy import tidied
from core.segment.warp import flattening

LARGE = (4000, 3000)  # pixels: the photo that clicks are timed on
TRIES = 5
Masks = Mapping[str, PhotoMask]


def run(args: argparse.Namespace) -> int:
    """Judge the scene in `args.scene` by the true masks in `args.truth`. Raises `UserError`."""
    set_threads()
    bench = _Bench(_project(args.scene), args.truth, args.clicks)
    best = best_photos(bench.truth)
    given = bench.clicked(best)
    first = bench.propagated(given)
    others = [name for name in bench.names if name not in given]
    figures = {
        "objects": len(best),
        "photos": len(bench.names),
        "clicked_iou": bench.clicked_score(given, best),
        "propagated_iou": bench.score(first, bench.names),
        "in_photos_not_worked_on_iou": bench.score(first, others),
        **_with_a_photo_more(bench, given, first, others),
        **_in_one_photo(bench),
        "held_out_iou": bench.held_out(),
        "click_seconds": bench.clock.median(),
        "click_seconds_12_megapixels": _click_on_large(bench.photo(bench.names[0])),
        "by_object": bench.by_object(first),
    }
    if args.json:
        say(json.dumps(figures))
        return 0
    for name, value in figures.items():
        say(
            f"{name.replace('_', ' ')}: {value if not isinstance(value, float) else f'{value:.3f}'}"
        )
    return 0


def _with_a_photo_more(
    bench: "_Bench", given: Masks, first: Mapping[str, Labels], others: Sequence[str]
) -> dict[str, float]:
    """The photo that came out worst, of those not worked on, made right altogether."""
    if not others:
        return {}
    worst = min(others, key=lambda name: bench.score(first, [name]))
    second = bench.propagated({**given, worst: _by_user(bench.truth[worst])})
    return {"after_one_photo_more_iou": bench.score(second, bench.names)}


def _in_one_photo(bench: "_Bench") -> dict[str, float]:
    """All objects that one photo shows are clicked on there."""
    where = one_photo(bench.truth)
    given = bench.clicked(where)
    return {
        "one_photo_clicked_iou": bench.clicked_score(given, where),
        "one_photo_propagated_iou": bench.score(bench.propagated(given), bench.names),
    }


def _project(path: Path) -> Project:
    inner = path / "scene.maquette"
    return open_project(inner if inner.exists() else path)


def _by_user(labels: Labels) -> PhotoMask:
    return PhotoMask.from_arrays(labels, None, Standing.USER)


class _Bench:
    """A reconstructed capture and what is true of it."""

    def __init__(self, project: Project, truth: Path, clicks: int) -> None:
        self.project, self.clock, self.clicks = project, Clock(), clicks
        self.places = {place.name: place for place in project.reconstruction.photos}
        found = [
            step
            for step in import_masks(truth, project.capture, project.masks)
            if isinstance(step, Imported)
        ][-1]
        self.truth = {n: m.labels() for n, m in found.masks.items() if n in self.places}
        if not self.truth:
            raise UserError(
                f"{truth} holds no mask of a photo that was placed.", hint="Check the folder."
            )
        self.names = sorted(self.truth)
        known = (*self.project.masks.objects, *found.objects)
        self.objects = {each.id: each.name for each in known}
        self.floors = [each.id for each in known if each.role is Role.FLOOR]

    def photo(self, name: str) -> Photo:
        photos = {photo.name: photo for photo in self.project.capture.photos}
        return load_pixels(photos[name])

    def clicked(self, where: Mapping[int, str]) -> dict[str, PhotoMask]:
        """Each object shown in its photo of `where`."""
        by_photo: dict[str, list[int]] = {}
        for label, name in where.items():
            by_photo.setdefault(name, []).append(label)
        return {name: _by_user(self._worked_on(name, ids)) for name, ids in by_photo.items()}

    def _worked_on(self, name: str, ids: Sequence[int]) -> NDArray[np.uint16]:
        embedded, truth = self._embedded(name), self.truth[name]
        return worked_on(RegionPicker(), embedded, truth, ids, self.clock, self.clicks, self.floors)

    def _embedded(self, name: str) -> Embedded:
        flat, view = flattening(self.places[name], FLAT)
        return RegionPicker().embed(self.photo(name), relief_of(self.project.gaussians, view, flat))

    def propagated(self, given: Masks) -> dict[str, Labels]:
        steps = through_scene(
            self.project.gaussians, self.project.reconstruction.photos, given, self.photo
        )
        return {s.name: s.mask.labels() for s in steps if isinstance(s, Propagated)}

    def score(self, found: Mapping[str, Labels], names: Sequence[str]) -> float:
        """Mean IoU over photos and the objects in them."""
        return float(np.mean([v for n in names for v in self._each(found, n).values()] or [1.0]))

    def by_object(self, found: Mapping[str, Labels]) -> dict[str, float]:
        values: dict[str, list[float]] = {}
        for name in self.names:
            for label, value in self._each(found, name).items():
                values.setdefault(self.objects.get(label, str(label)), []).append(value)
        return {name: round(float(np.mean(each)), 3) for name, each in values.items()}

    def clicked_score(self, given: Masks, where: Mapping[int, str]) -> float:
        """Mean IoU of the objects in the photos where they were clicked on."""
        pairs = [(given[n].where(label), self.truth[n] == label) for label, n in where.items()]
        return float(np.mean([iou(*pair) for pair in pairs]))

    def held_out(self) -> float | None:
        """Labels lifted from the true masks of the photos trained on, in the photos held out."""
        out = [name for name in self.project.held_out if name in self.truth]
        if not out:
            return None
        flats = {name: flattening(self.places[name], FLAT) for name in self.names}
        trained = [name for name in self.names if name not in out]
        images = [flats[name][0].to_flat(self.truth[name], nearest=True) for name in trained]
        gaussians = self.project.gaussians
        votes = tidied(gaussians, lift(gaussians, [flats[n][1] for n in trained], images))
        found = {}
        for name in out:
            height, width = self.truth[name].shape
            flat, view = flats[name]
            labels = rendered_labels(gaussians, view, votes)
            found[name] = flat.to_photo(labels, width, height, nearest=True)
        return self.score(found, out)

    def _each(self, found: Mapping[str, Labels], name: str) -> dict[int, float]:
        truth = self.truth[name]
        ids, sizes = np.unique(truth, return_counts=True)
        judged = ids[(sizes >= FEWEST) & (ids != BACKGROUND) & (ids != UNLABELLED)].tolist()
        return {label: iou(found[name] == label, truth == label) for label in judged}


def _click_on_large(photo: Photo) -> float:
    """Median seconds of a click's answer on a photo of 12 megapixels, and of a box's."""
    large = np.asarray(cv2.resize(photo, LARGE, interpolation=cv2.INTER_CUBIC), np.uint8)
    segmenter, clock = RegionPicker(), Clock()
    embedded = segmenter.embed(large)
    random = np.random.default_rng(0)
    for _ in range(TRIES):
        x, y = random.uniform(0.2, 0.6, 2) * LARGE
        box = Box(x, y, x + 0.3 * LARGE[0], y + 0.3 * LARGE[1])
        prompts = [Prompt().with_point(x, y, True), Prompt(box=box)]
        for prompt in prompts:
            _answer(segmenter, embedded, prompt, clock)
    return clock.median()


def _answer(segmenter: RegionPicker, embedded: Embedded, prompt: Prompt, clock: Clock) -> None:
    from time import process_time

    began = process_time()
    segmenter.segment(embedded, prompt)
    clock.seconds.append(process_time() - began)
