"""One photo's mask becomes the masks of all photos, through the Gaussians that they share.

Labels are lifted to the Gaussians by votes, rendered from every other photo's place, filled in
by what that photo's regions tell, voted on again, and drawn to each photo's own edges.
What the user said of a pixel stays as it is.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.capture.pixels import fitted_size, shrunk
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.table import Gaussians
from core.progress import Progress
from core.segment.backing import backed, with_said
from core.segment.counting import FLAT, Said, photo_votes, together, witnesses
from core.segment.edges import filtered
from core.segment.labels import BACKGROUND, UNLABELLED, PhotoMask, Standing
from core.segment.lift import Votes, labels_seen
from core.segment.picker import regions_in
from core.segment.protocol import Photo, Segmenter
from core.segment.refine import refined
from core.segment.relief import relief_of
from core.segment.tidy import tidied
from core.segment.warp import flattening

FINE = 960  # pixels: the longer side of the photos whose edges labels are drawn to
EDGE = 2  # pixels of those: how far an edge may be from where a label was rendered to end
STRIP = 256  # rows of a photo at a time
CONFIRMED = 2.0  # pixels' worth in labelled photos: half of what makes a label known elsewhere
WITNESSED = 1.0  # pixels' worth in labelled photos: half of what makes a Gaussian well seen
# Up to this agreement a photo should be looked at. In a made-up room labelled in one photo, those
# above it had a mean IoU of 0.94, those below of 0.83.
DOUBTFUL = 0.22
STAGE = "Carrying masks to the other photos"

Shares = NDArray[np.float32]
LoadPhoto = Callable[[str], Photo]


@dataclass(frozen=True, eq=False)
class Lifted:
    """What the masks say of the Gaussians: `votes.object_ids()` are theirs.

    `witnessed` [N] in [0, 1]: how well labelled photos saw each one itself. `said`: what the
    votes were made of.
    """

    votes: Votes
    witnessed: Tensor
    said: Said


@dataclass(frozen=True, eq=False)
class Propagated:
    """The mask of a photo after others spoke. `agreement` in [0, 1]: how much of the photo
    shows Gaussians that labelled photos saw too, times how far those agree on each pixel.
    """

    name: str
    mask: PhotoMask
    agreement: float


def lift_masks(
    gaussians: Gaussians, photos: Sequence[PlacedPhoto], masks: Mapping[str, PhotoMask]
) -> Lifted:
    """What the photos that the user has worked on say, `photos` being all that have a place.

    A pixel without a label is background with UNSAID of a vote, averaged over those photos: an
    object may be labelled in one of them and not yet in the next.
    """
    votes = _counted(gaussians, photos, masks)
    return Lifted(tidied(gaussians, votes), _witnessed(votes), Said(votes, votes))


def _counted(
    gaussians: Gaussians, photos: Sequence[PlacedPhoto], masks: Mapping[str, PhotoMask]
) -> Votes:
    given = [photo for photo in photos if _is_given(masks.get(photo.name))]
    return together(gaussians, [photo_votes(gaussians, p, masks[p.name]) for p in given])


def _heard(
    gaussians: Gaussians,
    photos: Sequence[PlacedPhoto],
    masks: Mapping[str, PhotoMask],
    counted: Votes,
    load: LoadPhoto,
) -> Generator[Progress, None, Votes]:
    """The votes of all `photos` once those `counted` are filled in by each photo's regions."""
    sure = counted.seen / (counted.seen + CONFIRMED)
    known = counted.shares * sure[:, None]
    weights = torch.zeros_like(counted.weights)
    for i, placed in enumerate(photos):
        yield Progress(STAGE, i, 2 * len(photos), placed.name)
        flat, view = flattening(placed, FLAT)
        regions = regions_in(load(placed.name), relief_of(gaussians, view, flat))
        height, width = regions.leaf.shape
        seen = flat.to_photo(labels_seen(gaussians, view, known), width, height)
        image = flat.to_flat(backed(regions, seen, counted.ids), nearest=True)
        mask = masks.get(placed.name)
        if mask is not None and _is_given(mask):
            image = with_said(image, flat.to_flat(mask.labels(), nearest=True))
        weights += witnesses(gaussians, view, image, counted.ids)
    return Votes(counted.ids, weights)


def _witnessed(votes: Votes) -> Tensor:
    return votes.seen / (votes.seen + WITNESSED)


def through_scene(
    gaussians: Gaussians,
    photos: Sequence[PlacedPhoto],
    masks: Mapping[str, PhotoMask],
    load: LoadPhoto,
    *,
    segmenter: Segmenter | None = None,
    locked: Collection[int] = (),
) -> Iterator[Progress | Lifted | Propagated]:
    """The masks of all `photos`, from those of `masks` that the user has worked on.

    First `Lifted`, then a `Propagated` for each photo; photos that the user has worked on take
    labels only where nobody said anything. `load` gives a photo's pixels [H, W, 3], upright.
    `segmenter`: draws each object's border anew where it agrees with what was rendered; without
    one, the photo's edges do.
    """
    yield Progress(STAGE, 0, 2 * len(photos))
    counted = votes = _counted(gaussians, photos, masks)
    if len(counted.ids) > 1:
        votes = yield from _heard(gaussians, photos, masks, counted, load)
    said = Said(counted, votes)
    lifted = Lifted(tidied(gaussians, votes), _witnessed(counted), said)
    yield lifted
    for i, placed in enumerate(photos):
        yield Progress(STAGE, len(photos) + i, 2 * len(photos), placed.name)
        if len(lifted.votes.ids) < 2:
            continue
        photo = load(placed.name)
        shares, agreement = _shares_in(gaussians, placed, lifted, photo)
        labels = _labels(shares, lifted.votes.ids, photo)
        if segmenter is not None:
            labels = refined(segmenter, photo, labels)
        before = masks.get(placed.name)
        yield Propagated(placed.name, _carried(before, labels, agreement, locked), agreement)
    yield Progress(STAGE, 2 * len(photos), 2 * len(photos))


def _is_given(mask: PhotoMask | None) -> bool:
    return mask is not None and mask.standing is Standing.USER


def _shares_in(
    gaussians: Gaussians, placed: PlacedPhoto, lifted: Lifted, photo: Photo
) -> tuple[Shares, float]:
    """[h, w, K] in the photo's geometry, of at most FINE pixels a side; and the agreement."""
    flat, view = flattening(placed, FLAT)
    columns = torch.cat([lifted.votes.shares, lifted.witnessed[:, None]], dim=1)
    seen, witnessed = np.split(labels_seen(gaussians, view, columns), [-1], axis=2)
    # Where there is nothing to be seen is background.
    seen[..., lifted.votes.ids.index(BACKGROUND)] += 1 - seen.sum(axis=2)
    two = np.partition(seen, -2, axis=2)[..., -2:]
    agreement = float(((two[..., 1] - two[..., 0]) * witnessed[..., 0]).mean())
    size = fitted_size(photo.shape[1], photo.shape[0], FINE)
    shares = flat.to_photo(seen, *size)
    return filtered(shares, shrunk(photo, *size), EDGE), agreement


def _labels(shares: Shares, ids: Sequence[int], photo: Photo) -> NDArray[np.uint16]:
    """[H, W] at the size of `photo`, strip by strip: all labels of all pixels are too many."""
    height, width = photo.shape[:2]
    names = np.asarray(ids, np.uint16)
    if shares.shape[:2] == (height, width):
        return np.asarray(names[shares.argmax(axis=2)])
    labels = np.empty((height, width), np.uint16)
    scale = shares.shape[0] / height, shares.shape[1] / width
    x = (np.arange(width, dtype=np.float32) + 0.5) * np.float32(scale[1]) - 0.5
    for top in range(0, height, STRIP):
        rows = np.arange(top, min(top + STRIP, height), dtype=np.float32)
        across, down = np.meshgrid(x, (rows + 0.5) * np.float32(scale[0]) - np.float32(0.5))
        best = np.full(across.shape, -np.inf, np.float32)
        for k, label in enumerate(names):
            plane = np.ascontiguousarray(shares[..., k])
            value = cv2.remap(
                plane, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            better = value > best
            best = np.where(better, value, best)
            labels[top : top + len(rows)][better] = label
    return labels


def _carried(
    before: PhotoMask | None,
    labels: NDArray[np.uint16],
    agreement: float,
    locked: Collection[int],
) -> PhotoMask:
    mask = PhotoMask.blank(*labels.shape) if before is None else before
    if _is_given(before):
        own = mask.labels()
        labels = np.where(own == UNLABELLED, labels, own)
    standing = Standing.PROPAGATED if agreement > DOUBTFUL else Standing.DOUBTFUL
    return mask.propagated(labels, standing, locked=locked)


def with_object_ids(gaussians: Gaussians, votes: Votes) -> Gaussians:
    """`gaussians`, each of the object that its votes say."""
    return replace(gaussians, object_id=votes.object_ids())
