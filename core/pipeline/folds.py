"""The scene made again, small, without some of its photos: what differs then was not known."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import cv2
import torch
from torch import Tensor

from core.capture.reconstruction import Reconstruction
from core.dense.depth import Array, DepthMap, DepthSource
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.evaluate import HIGHEST_PSNR, picture
from core.pipeline.outset import Outset, outset, sparse_start
from core.pipeline.prepare import Flat, Pictures
from core.pipeline.settings import Settings
from core.progress import Progress
from core.render.rasterize import rasterize
from core.train.evidence import judged
from core.train.ignored import at_size
from core.train.labels import Ignored
from core.train.losses import psnr
from core.train.steps import Snapshot
from core.train.terms import Term
from core.train.trainer import train

STAGE = "Comparing with photos left out"
FOLDS = 6
LONGEST = 160  # pixels a side: of the pictures trained on and of those compared
ITERATIONS = 250
GAUSSIANS = 10_000
# Error of colours, squared, of what no two photos measured. Chosen on six captures: rank
# correlations of 0.57 to 0.86 became 0.75 to 0.86, but for six views of one (0.83, then 0.54).
UNMEASURED = 0.005


@dataclass(frozen=True, eq=False)
class Folds:
    """Small scenes: `whole` of all photos, `parts[k]` of those not named in `left_out[k]`.

    The origins of `whole` are as `judged` finds them.
    """

    whole: Gaussians
    parts: tuple[Gaussians, ...]
    left_out: tuple[tuple[str, ...], ...]


def make_folds(
    reconstruction: Reconstruction,
    pictures: Pictures,
    begin: Outset,
    settings: Settings,
    stop: Callable[[], bool],
    ignored: Sequence[Tensor] = (),
) -> Generator[Progress, None, Folds | None]:
    """Train on the photos of `pictures` in `FOLDS` ways, each without an equal part of them.

    `begin` is what training on all of them set out with; its depths are used again, those of
    the photos left out aside. `ignored`: see `Ignored`. None once `stop()`, and where fewer than
    three photos are there.
    """
    return (yield from folds_of(shrunk(reconstruction, pictures, begin, settings, ignored), stop))


def folds_of(small: "Small", stop: Callable[[], bool]) -> Generator[Progress, None, Folds | None]:
    """`make_folds` of photos that are shrunk already."""
    groups = small.groups()
    if not groups:
        return None
    made: list[Gaussians] = []
    for k, group in enumerate([range(0), *groups]):
        share = Share(STAGE, k, len(groups) + 1)
        scene = yield from small.made_without(group, share, stop)
        if scene is None:
            return None
        made.append(scene)
    flats = small.pictures.train
    names = tuple(tuple(flats[i].name for i in group) for group in groups)
    whole = judged(made[0], [flat.view for flat in flats])
    return Folds(whole, tuple(made[1:]), names)


def expected_error(folds: Folds, view: View) -> Tensor:
    """[H, W] mean squared error of colours that a picture from `view` is expected to have.

    How far the scenes made without some of the photos are from the whole one there: the
    jackknife (Tukey, 1958), by the two versions in the upper middle, so that neither the one
    version that lost a place altogether decides, nor the many that did not notice. What was
    not measured all versions may have made up alike: `UNMEASURED` is added there. The picture
    is `LONGEST` pixels large.
    """
    camera = view.camera
    shrink = max(1.0, max(camera.width, camera.height) / LONGEST)
    small = view.resized(
        max(1, round(camera.width / shrink)), max(1, round(camera.height / shrink))
    )
    with torch.no_grad():
        measured = (folds.whole.origin == Origin.OBSERVED).to(folds.whole.means)
        render = rasterize(folds.whole, small, features=measured[:, None])
        assert render.features is not None
        whole, known = render.color.clamp(0, 1), render.features[..., 0].clamp(0, 1)
        parts = [rasterize(part, small).color.clamp(0, 1) for part in folds.parts]
    far = torch.stack([((part - whole) ** 2).mean(-1) for part in parts]).sort(dim=0).values
    middle = len(parts) // 2
    return far[middle : middle + 2].mean(dim=0) + UNMEASURED * (1 - known)


def left_out_errors(
    folds: Folds, flats: Sequence[Flat], ignored: Sequence[Tensor] = ()
) -> Iterator[tuple[str, float]]:
    """Each photo's name, and the PSNR in dB with which the photos without it show it, small.

    `ignored`: see `Ignored`. A photo of which nothing counts is left out.
    """
    photos = {flat.name: _shrunk(flat) for flat in flats}
    gone = {flat.name: mask for flat, mask in zip(flats, ignored, strict=bool(ignored))}
    for scene, names in zip(folds.parts, folds.left_out, strict=True):
        for name in names:
            truth = photos[name].pixels
            render = torch.from_numpy(picture(scene, photos[name].view))
            counts = torch.ones(truth.shape[:2], dtype=torch.bool)
            if name in gone:
                counts = ~at_size(gone[name], truth.shape[0], truth.shape[1])
            if counts.any():
                yield name, min(psnr(render[counts] / 255, truth[counts] / 255), HIGHEST_PSNR)


@dataclass(frozen=True)
class Share:
    """Which of how many small scenes this is."""

    stage: str
    number: int
    of: int

    def progress(self, iteration: int) -> Progress:
        """After so many iterations of it."""
        return Progress(self.stage, self.number * ITERATIONS + iteration, self.of * ITERATIONS)


@dataclass(frozen=True, eq=False)
class Small:
    """What small scenes are made of: photos of at most `LONGEST` pixels, their depths or none.

    `pixels` of a photo and `iterations` are those of the scene itself.
    """

    reconstruction: Reconstruction
    pictures: Pictures
    depths: tuple[DepthMap, ...]
    ignored: Sequence[Tensor]
    settings: Settings
    pixels: float = 0.0
    iterations: int = 0

    def groups(self) -> list[range]:
        """Numbers of the photos that are left out together; none for fewer than three photos."""
        photos = len(self.pictures.train)
        count = min(FOLDS, photos)
        return [range(k, photos, count) for k in range(count)] if photos > 2 else []

    def without(self, group: Sequence[int]) -> "Small":
        """The same, but for the photos of `group`."""
        kept = [i for i in range(len(self.pictures.train)) if i not in group]
        train = tuple(self.pictures.train[i] for i in kept)
        return replace(
            self,
            pictures=replace(self.pictures, train=train),
            depths=tuple(self.depths[i] for i in kept) if self.depths else (),
            ignored=[self.ignored[i] for i in kept] if self.ignored else [],
        )

    def made_without(
        self,
        group: Sequence[int],
        share: Share,
        stop: Callable[[], bool],
        terms: Sequence[Term] = (),
    ) -> Generator[Progress, None, Gaussians | None]:
        """A scene of the other photos; None once `stop()`."""
        yield share.progress(0)
        left = self.without(group)
        settings, pictures = left.settings, left.pictures
        sparse = sparse_start(left.reconstruction, pictures, settings)
        begin = yield from outset(
            sparse, left.reconstruction, pictures, settings, stop, _given(left.depths)
        )
        last: Gaussians | None = None
        steps = train(
            begin.gaussians,
            [flat.view for flat in pictures.train],
            [flat.pixels for flat in pictures.train],
            begin.config,
            stop=stop,
            depths=left.depths,
            labels=Ignored(left.ignored),
            terms=terms,
        )
        for step in steps:
            if isinstance(step, Snapshot):
                last = step.gaussians
            elif step.iteration % 25 == 0:
                yield share.progress(step.iteration)
        return None if stop() or last is None else last.followed_by(begin.backdrop)


def shrunk(
    reconstruction: Reconstruction,
    pictures: Pictures,
    begin: Outset,
    settings: Settings,
    ignored: Sequence[Tensor] = (),
) -> Small:
    """The photos trained on, small, and the depths that `begin` found in them."""
    flats = tuple(_shrunk(flat) for flat in pictures.train)
    maps = tuple(
        _thinned(depth, flat.view.camera.width, flat.view.camera.height)
        for depth, flat in zip(begin.depths, flats, strict=bool(begin.depths))
    )
    little = replace(
        settings, iterations=ITERATIONS, max_size=LONGEST, max_gaussians=GAUSSIANS, time_limit=None
    )
    chosen = replace(pictures, train=flats, test=())
    pixels = fmean(flat.pixels.shape[0] * flat.pixels.shape[1] for flat in pictures.train)
    return Small(reconstruction, chosen, maps, ignored, little, pixels, begin.config.iterations)


def _shrunk(flat: Flat) -> Flat:
    """`flat` with at most `LONGEST` pixels a side."""
    height, width = flat.pixels.shape[:2]
    shrink = max(height, width) / LONGEST
    if shrink <= 1:
        return flat
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    pixels = cv2.resize(flat.pixels.numpy(), size, interpolation=cv2.INTER_AREA)
    return replace(flat, pixels=torch.from_numpy(pixels), view=flat.view.resized(*size))


def _thinned(depths: DepthMap, width: int, height: int) -> DepthMap:
    """`depths` at another size, each pixel one of those there were."""
    way = cv2.INTER_NEAREST_EXACT
    columns = (depths.depth, depths.normal, depths.confidence)
    return DepthMap(
        *(
            torch.from_numpy(cv2.resize(c.numpy(), (width, height), interpolation=way))
            for c in columns
        )
    )


def _given(depths: tuple[DepthMap, ...]) -> DepthSource:
    def source(
        views: Sequence[View],
        photos: Sequence[Tensor],
        seen: Sequence[Array],
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Progress | tuple[DepthMap, ...]]:
        yield depths

    return source
