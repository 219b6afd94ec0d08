"""The segmenter that is always there: regions of the photo, picked by a box, clicks and strokes.

Regions are found once in a small copy of the photo, by its colours and, where a scene is known,
by its shape; the photo's own edges draw the border at full size.
"""

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from core.capture.pixels import fitted_size, shrunk
from core.segment.choice import Frame, chosen
from core.segment.correcting import Click, corrected
from core.segment.edges import at_full_size
from core.segment.faces import floor_in
from core.segment.marks import settled, shrunk_marks, signs_of
from core.segment.protocol import Answer, Box, Embedded, Mask, Photo, Prompt, Signs, nothing
from core.segment.relief import Relief, Stand
from core.segment.starts import around, grown, parted, standing_out
from core.segment.superpixels import superpixels_of
from core.segment.tree import Regions, regions_of

SMALL = 480  # pixels: the longer side of the copy that regions are found in
CANDIDATES = 3
MOST_OF_FLOOR = 0.8  # a rug, which is as flat, may be this much of what a click takes away
MARGIN = 8  # pixels of the small copy around the object that are drawn
Found = list[tuple[Mask, float]]  # superpixels, and how sure


@dataclass(frozen=True)
class RegionPicker:
    """See `Segmenter`."""

    def embed(self, photo: Photo, relief: Relief | None = None) -> Embedded:
        """Find the regions of `photo` [H, W, 3] uint8; `relief`, where a scene is known already."""
        regions = regions_in(photo, relief)
        stand = np.zeros((0, 3)) if relief is None else np.stack(relief.stand)
        deep = np.array(relief is not None)
        return Embedded(photo, {**vars(regions), "stand": stand, "deep": deep})

    def segment(self, embedded: Embedded, prompt: Prompt) -> Answer:
        """See `Segmenter`."""
        if prompt.is_empty:
            return nothing(embedded.photo)
        signs = signs_of(prompt, *embedded.photo.shape[:2])
        regions = _regions(embedded)
        before = prompt.mask
        if before is not None and before.any() and (len(prompt.points) or prompt.box is None):
            return _corrected(embedded, regions, prompt, signs)
        found = [*_floor(embedded, regions, prompt, signs), *_found(regions, prompt, signs)]
        if not found:
            return Answer(settled(np.zeros_like(signs, bool), signs), 0.0)
        answers = []
        for leaves, sure in found:
            mask = _drawn(regions, leaves, embedded.photo) | _beside(prompt, signs)
            answers.append(Answer(settled(mask, signs), sure))
        return replace(answers[0], others=tuple(answers[1:]))

    def propose(self, embedded: Embedded) -> tuple[Answer, ...]:
        """Regions that stand out from what is around them, the largest first."""
        regions = _regions(embedded)
        return tuple(
            Answer(_drawn(regions, regions.leaves(node), embedded.photo), sure)
            for node, sure in standing_out(regions)
        )


def regions_in(photo: Photo, relief: Relief | None = None) -> Regions:
    """The regions of a small copy of `photo` [H, W, 3] uint8, whose longer side is SMALL."""
    small = shrunk(photo, *fitted_size(photo.shape[1], photo.shape[0], SMALL))
    shape = None if relief is None else relief.resized(small.shape[1], small.shape[0])
    return regions_of(superpixels_of(small, shape))


def _regions(embedded: Embedded) -> Regions:
    return Regions(**{each.name: embedded.features[each.name] for each in fields(Regions)})


def _beside(prompt: Prompt, signs: Signs) -> Mask:
    """Where the object was before, as far as no box asks for it anew."""
    kept = np.zeros_like(signs, bool) if prompt.mask is None else prompt.mask.copy()
    if prompt.box is not None:
        left, top, right, bottom = (max(0, round(side)) for side in prompt.box)
        kept[top:bottom, left:right] = False
    return kept


def _floor(embedded: Embedded, regions: Regions, prompt: Prompt, signs: Signs) -> Found:
    """All of the floor, where that was asked for and the scene tells its plane."""
    if not prompt.floor or not embedded.features["deep"]:
        return []
    height, width = regions.leaf.shape
    frame = _frame(regions, prompt.box, signs)
    shown = regions.of_leaves(shrunk_marks(signs > 0, width, height)) > 0
    leaves = floor_in(regions, Stand(*embedded.features["stand"]), frame.free, shown)
    return [(leaves | shown, 1.0)] if leaves.any() else []


def _found(regions: Regions, prompt: Prompt, signs: Signs) -> Found:
    """What the prompt may mean, best first."""
    height, width = regions.leaf.shape
    inside, outside = (shrunk_marks(marks, width, height) for marks in (signs > 0, signs < 0))
    if prompt.box is None:
        if outside.any():
            return parted(regions, inside, outside)[:CANDIDATES]
        return around(regions, inside)[:CANDIDATES]
    frame = _frame(regions, prompt.box, signs)
    held = regions.of_leaves(inside) > 0
    found = chosen(regions, frame, CANDIDATES) or [(frame.free > 0, 0.0)]
    return [(leaves | held, sure) for leaves, sure in found]


def _frame(regions: Regions, box: Box | None, signs: Signs) -> Frame:
    """What `box`, or else the whole photo, leaves open in the small copy."""
    height, width = regions.leaf.shape
    scale = np.array([width / signs.shape[1], height / signs.shape[0]] * 2)
    within = np.array([0, 0, width, height], float)
    if box is not None:
        within = np.clip(np.array(box) * scale, 0, (width, height) * 2)
        # At least a pixel, however small and far away the box is.
        within[:2] = np.minimum(within[:2], (width - 1, height - 1))
        within[2:] = np.maximum(within[2:], within[:2] + 1)
    return Frame.of(regions, within, _mostly(signs < 0, width, height))


def _mostly(marks: Mask, width: int, height: int) -> Mask:
    """`marks` at another size: where most of a pixel was in it."""
    if not marks.any():
        return np.zeros((height, width), bool)
    how = cv2.INTER_AREA if width < marks.shape[1] else cv2.INTER_LINEAR
    part = cv2.resize(marks.astype(np.uint8) * 255, (width, height), interpolation=how)
    return np.asarray(part > 127)


def _drawn(regions: Regions, leaves: Mask, photo: Photo) -> Mask:
    """Superpixels [L] at the size of `photo`, their border at its edges."""
    mask = np.zeros(photo.shape[:2], bool)
    small = leaves[regions.leaf]
    if not small.any():
        return mask
    down, across = photo.shape[0] / small.shape[0], photo.shape[1] / small.shape[1]
    rows, columns = (_reach(np.any(small, axis=1 - k), small.shape[k]) for k in range(2))
    part = (
        slice(round(rows.start * down), round(rows.stop * down)),
        slice(round(columns.start * across), round(columns.stop * across)),
    )
    mask[part] = at_full_size(small[rows, columns], photo[part])
    return mask


def _reach(hit: Mask, size: int) -> slice:
    found = np.flatnonzero(hit)
    return slice(max(0, found[0] - MARGIN), min(size, found[-1] + 1 + MARGIN))


def _corrected(embedded: Embedded, regions: Regions, prompt: Prompt, signs: Signs) -> Answer:
    """The mask so far, turned over where clicks contradict it and around there alone."""
    assert prompt.mask is not None
    photo = embedded.photo
    height, width = regions.leaf.shape
    area = regions.area[: regions.count]
    before = regions.of_leaves(_mostly(prompt.mask, width, height)) > 0.5 * area
    frame = _frame(regions, prompt.box, signs)
    flat = _floor(embedded, regions, prompt, signs)
    after, clicks = before, []
    for (x, y), inside in zip(prompt.points, prompt.foreground, strict=True):
        if not (0 <= y < signs.shape[0] and 0 <= x < signs.shape[1]):
            continue
        row, column = int(y * height / signs.shape[0]), int(x * width / signs.shape[1])
        clicks.append(Click(row, column, bool(inside)))
        if prompt.mask[int(y), int(x)] == inside:
            continue
        if flat:
            after = grown(regions, after, clicks, MOST_OF_FLOOR) & (before | flat[0][0])
        elif prompt.box is None:
            after = grown(regions, after, clicks)
        else:
            after = corrected(regions, frame, after, clicks)
    touched = after != before
    if not touched.any():
        return Answer(settled(prompt.mask, signs), 1.0)
    fresh = _drawn(regions, after, photo)
    # The border may have moved a little beyond the regions that turned over.
    wide = cv2.dilate(touched[regions.leaf].astype(np.uint8), np.ones((5, 5)))
    near = cv2.resize(wide, photo.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    return Answer(settled(np.where(near, fresh, prompt.mask), signs), 1.0)
