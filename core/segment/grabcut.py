"""The segmenter that is always there: a graph cut (GrabCut) from clicks, boxes and strokes.

Regions of a small copy of the photo give first guesses, a cut on the part of the photo that
matters corrects them, and the photo's own edges draw the border at full size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.pixels import fitted_size, shrunk
from core.segment.edges import at_full_size
from core.segment.marks import settled, shrunk_marks, signs_of
from core.segment.protocol import Answer, Box, Embedded, Mask, Photo, Prompt, Signs, nothing
from core.segment.region_cut import consistent
from core.segment.relief import Relief
from core.segment.starts import Start, grown, standing_out, starts
from core.segment.tree import Regions, regions_of

SMALL = 400  # pixels: the longer side of the copy that regions are found in
CUT = 240  # pixels: the longer side of what is cut
MARGIN = 0.2  # of the object's size: how far around it the cut looks
FREE = 0.12  # of the object's size: how far from a click's region the border may come to lie
BAND = 4  # pixels of the cut picture: likewise, where the scene has told the object already
TURNS = 2  # of learning the colours and cutting
CLEAR = 20.0  # of Lab across a border: an edge beyond doubt
KEPT = 0.7  # of the box around a guess: a cut that leaves less of it has lost the object

Trimap = NDArray[np.uint8]  # [h, w] of OpenCV's four classes
Part = tuple[slice, slice]


@dataclass(frozen=True)
class GrabCut:
    """See `Segmenter`. GrabCut (Rother et al., 2004) on the part of the photo that matters."""

    def embed(self, photo: Photo, relief: Relief | None = None) -> Embedded:
        """Find the regions of `photo` [H, W, 3] uint8; `relief`, where a scene is known already."""
        height, width = photo.shape[:2]
        regions = regions_of(shrunk(photo, *fitted_size(width, height, SMALL)))
        shape = {} if relief is None else dict(vars(relief))
        return Embedded(photo, {**vars(regions), **shape})

    def segment(self, embedded: Embedded, prompt: Prompt) -> Answer:
        """See `Segmenter`."""
        photo = embedded.photo
        if prompt.is_empty:
            return nothing(photo)
        signs = signs_of(prompt, *photo.shape[:2])
        regions = _regions(embedded)
        if prompt.mask is not None and prompt.mask.any():
            return _corrected(embedded, regions, prompt, signs)
        guesses = _guesses(regions, prompt, signs)
        if not guesses:
            return Answer(settled(np.zeros_like(signs, bool), signs), 0.0)
        pieces = [_piece(embedded, prompt, signs, guess) for guess in guesses]
        pieces.sort(key=lambda piece: -piece.score)
        # The likeliest alone is cut pixel by pixel, for that takes longest.
        first = replace(
            pieces[0], cut=_kept(_grabcut(pieces[0].small, pieces[0].trimap), pieces[0].cut)
        )
        best, *others = (_whole(embedded, signs, piece) for piece in (first, *pieces[1:]))
        return replace(best, others=tuple(others))

    def propose(self, embedded: Embedded) -> tuple[Answer, ...]:
        """Regions that stand out from what is around them, the largest first."""
        regions = _regions(embedded)
        height, width = embedded.photo.shape[:2]
        chosen = standing_out(regions)
        return tuple(Answer(_resized(regions.mask(node), width, height), s) for node, s in chosen)


def _regions(embedded: Embedded) -> Regions:
    names = ("leaf", "parent", "height", "area")
    return Regions(**{name: embedded.features[name] for name in names})


def _guesses(regions: Regions, prompt: Prompt, signs: Signs) -> Sequence[Start]:
    height, width = regions.leaf.shape
    inside, outside = (shrunk_marks(marks, width, height) for marks in (signs > 0, signs < 0))
    if prompt.box is not None:
        outside = outside | ~_of_box(prompt.box, signs.shape, (height, width))
    return starts(regions, inside & ~outside, outside)


@dataclass(frozen=True, eq=False)
class _Piece:
    """The part of a photo around one guess. `small`, `trimap`, `cut`: of the size that is cut."""

    part: Part
    small: Photo
    trimap: Trimap
    cut: Mask
    score: float


def _piece(embedded: Embedded, prompt: Prompt, signs: Signs, guess: Start) -> _Piece:
    """The object around `guess`, cut out of superpixels where a box says how far it reaches."""
    part = _part(guess.mask, prompt.box, signs if signs.any() else None, signs.shape)
    piece = embedded.photo[part]
    size = fitted_size(piece.shape[1], piece.shape[0], CUT)
    small = shrunk(piece, *size)
    start = _taken(guess.mask, part, size, signs.shape)
    hard = _signs_at(signs[part], size)
    if prompt.box is None:
        trimap = _trimap(start, hard, FREE * float(np.sqrt(start.sum())))
        return _Piece(part, small, trimap, start, guess.sure * _clear(start, small))
    hard[~_of_box(_moved(prompt.box, part), piece.shape[:2], start.shape)] = -1
    relief = _relief(embedded, part, size)
    cut = _kept(consistent(small, start, hard, relief), start)
    trimap = _trimap(cut, hard, None if relief is None else float(BAND))
    score = guess.sure * _clear(cut, small) * _fitting(cut, hard)
    return _Piece(part, small, trimap, cut, score)


def _whole(embedded: Embedded, signs: Signs, piece: _Piece) -> Answer:
    """`piece` in the whole photo, its border at the photo's edges."""
    mask = np.zeros(signs.shape, bool)
    mask[piece.part] = at_full_size(piece.cut, embedded.photo[piece.part])
    return Answer(settled(mask, signs), piece.score)


def _taken(mask: Mask, part: Part, size: tuple[int, int], photo: tuple[int, ...]) -> Mask:
    """A `part` of a photo of size `photo`, from a small `mask` of it all, at `size`."""
    y, x = _places(part, size, photo, mask.shape)
    smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
    across, down = np.meshgrid(x.astype(np.float32) - 0.5, y.astype(np.float32) - 0.5)
    found = cv2.remap(smooth, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.asarray(found) > 0.5)


def _places(
    part: Part, size: tuple[int, int], photo: tuple[int, ...], small: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where in a picture of size `small` the rows and columns of a `part` at `size` lie."""
    rows = np.linspace(part[0].start, part[0].stop, 2 * size[1] + 1)[1::2]
    columns = np.linspace(part[1].start, part[1].stop, 2 * size[0] + 1)[1::2]
    return rows * small[0] / photo[0], columns * small[1] / photo[1]


def _clear(cut: Mask, photo: Photo) -> float:
    """How much of the border of `cut` lies on edges of `photo`, in [0, 1]."""
    inner = cut & ~cv2.erode(cut.astype(np.uint8), np.ones((3, 3))).astype(bool)
    inner[[0, -1]], inner[:, [0, -1]] = False, False
    if not inner.any():
        return 0.0
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    inside = np.dstack([cv2.blur(np.where(cut, lab[..., k], 0), (5, 5)) for k in range(3)])
    outside = np.dstack([cv2.blur(np.where(cut, 0, lab[..., k]), (5, 5)) for k in range(3)])
    share = cv2.blur(cut.astype(np.float32), (5, 5))[..., None]
    apart = inside / np.maximum(share, 1e-3) - outside / np.maximum(1 - share, 1e-3)
    return float(np.clip(np.linalg.norm(apart[inner], axis=1) / CLEAR, 0, 1).mean())


def _fitting(cut: Mask, hard: Signs) -> float:
    """How much of the box, which is all that is not `hard`, the object reaches over, in [0, 1]."""
    open_ = hard >= 0
    if not cut.any() or not open_.any():
        return 0.0
    (low, high), (first, last) = _ends(cut), _ends(open_)
    return float(np.clip(np.prod(high - low) / np.prod(last - first), 0, 1))


def _corrected(embedded: Embedded, regions: Regions, prompt: Prompt, signs: Signs) -> Answer:
    """The mask so far, turned over where marks contradict it and around there alone."""
    assert prompt.mask is not None
    height, width = signs.shape
    small_height, small_width = regions.leaf.shape
    before = _resized(prompt.mask, small_width, small_height)
    inside, outside = (shrunk_marks(m, small_width, small_height) for m in (signs > 0, signs < 0))
    after, touched = before.copy(), np.zeros_like(before)
    if prompt.box is not None:
        outside |= ~_of_box(prompt.box, signs.shape, before.shape)
    for (x, y), foreground in zip(prompt.points, prompt.foreground, strict=True):
        place = int(y * small_height / height), int(x * small_width / width)
        within = 0 <= place[0] < small_height and 0 <= place[1] < small_width
        if not within or prompt.mask[int(y), int(x)] == foreground:
            continue
        wrong = before != foreground
        wrong[place] = True
        region = grown(regions, place, wrong, outside if foreground else inside)
        after[region], touched = foreground, touched | region
    if not touched.any():
        return Answer(settled(prompt.mask, signs), 1.0)
    part = _part(touched, None, None, signs.shape)
    piece = embedded.photo[part]
    size = fitted_size(piece.shape[1], piece.shape[0], CUT)
    start, open_ = (_taken(m, part, size, signs.shape) for m in (after, touched))
    limit = FREE * float(np.sqrt(open_.sum()))
    trimap = _trimap(start, _signs_at(signs[part], size), limit)
    reach = cv2.distanceTransform((~open_).astype(np.uint8), cv2.DIST_L2, 3)
    shut = reach > limit + 2
    own = _resized(prompt.mask[part], *size)
    trimap[shut] = np.where(own, cv2.GC_FGD, cv2.GC_BGD)[shut]
    fresh = at_full_size(_grabcut(shrunk(piece, *size), trimap), piece)
    wide = _resized(~shut, piece.shape[1], piece.shape[0])
    mask = prompt.mask.copy()
    mask[part] = np.where(wide, fresh, mask[part])
    return Answer(settled(mask, signs), 1.0)


def _part(guess: Mask, box: Box | None, signs: Signs | None, photo: tuple[int, ...]) -> Part:
    """Rows and columns around the object that are looked at."""
    height, width = photo
    scale = np.array([width / guess.shape[1], height / guess.shape[0]])
    low, high = _ends(guess)
    low, high = low * scale, high * scale
    if box is not None:
        low, high = np.minimum(low, box[:2]), np.maximum(high, box[2:])
    if signs is not None and (signs > 0).any():
        first, last = _ends(signs > 0)
        low, high = np.minimum(low, first), np.maximum(high, last)
    margin = MARGIN * (high - low).max() + 4
    low = np.clip(np.floor(low - margin), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(high + margin), 0, (width, height)).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def _ends(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first x, y of `mask`, and those after the last."""
    columns, rows = np.nonzero(mask.any(axis=0))[0], np.nonzero(mask.any(axis=1))[0]
    return np.array([columns[0], rows[0]]), np.array([columns[-1], rows[-1]]) + 1


def _trimap(start: Mask, hard: Signs, limit: float | None) -> Trimap:
    """What GrabCut is told; further than `limit` pixels from the border of `start` all is shut."""
    trimap = np.where(start, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    if limit is not None:
        within = cv2.distanceTransform(start.astype(np.uint8), cv2.DIST_L2, 3)
        beyond = cv2.distanceTransform((~start).astype(np.uint8), cv2.DIST_L2, 3)
        trimap[within > limit], trimap[beyond > limit] = cv2.GC_FGD, cv2.GC_BGD
    trimap[hard > 0], trimap[hard < 0] = cv2.GC_FGD, cv2.GC_BGD
    return trimap


def _grabcut(photo: Photo, trimap: Trimap) -> Mask:
    """The object of `trimap`; as it is where there is only one kind of pixels."""
    ours = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    if not ours.any() or ours.all():
        return np.asarray(ours)
    cv2.setRNGSeed(0)  # its k-means begins at random
    ground, object_ = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
    cut, *_ = cv2.grabCut(
        bgr, trimap.copy(), (0, 0, 1, 1), ground, object_, TURNS, cv2.GC_INIT_WITH_MASK
    )
    cut = np.asarray(cut)
    return np.asarray((cut == cv2.GC_FGD) | (cut == cv2.GC_PR_FGD))


def _kept(after: Mask, before: Mask) -> Mask:
    """`after`, unless the object has all but vanished, or shrunk away from where it reached."""
    if not before.any() or not after.any():
        return before
    sizes = [float(np.prod(last - first)) for first, last in (_ends(after), _ends(before))]
    return after if sizes[0] >= KEPT * sizes[1] else before


def _relief(embedded: Embedded, part: Part, size: tuple[int, int]) -> Relief | None:
    """The relief of a part of the photo at `size` (width, height), None where it is not known."""
    points, normals = (embedded.features.get(name) for name in ("points", "normals"))
    if points is None or normals is None:
        return None
    y, x = _places(part, size, embedded.photo.shape, points.shape)
    at = np.ix_(y.astype(int), x.astype(int))
    return Relief(points[at], normals[at])


def _moved(box: Box, part: Part) -> Box:
    top, left = part[0].start, part[1].start
    return Box(box.left - left, box.top - top, box.right - left, box.bottom - top)


def _of_box(box: Box, size: tuple[int, ...], small: tuple[int, ...]) -> Mask:
    """Where `box`, of a picture of `size` (rows, columns), is in one of size `small`."""
    mask = np.zeros(small[:2], bool)
    y, x = small[0] / size[0], small[1] / size[1]
    top, bottom = round(max(0.0, box.top) * y), round(max(0.0, box.bottom) * y)
    left, right = round(max(0.0, box.left) * x), round(max(0.0, box.right) * x)
    mask[top : max(bottom, top + 1), left : max(right, left + 1)] = True
    return mask


def _signs_at(signs: Signs, size: tuple[int, int]) -> Signs:
    inside, outside = shrunk_marks(signs > 0, *size), shrunk_marks(signs < 0, *size)
    return np.where(inside, 1, np.where(outside, -1, 0)).astype(np.int8)


def _resized(mask: Mask, width: int, height: int) -> Mask:
    """`mask` at another size: where most of a pixel was in it."""
    how = cv2.INTER_AREA if width < mask.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask.astype(np.float32), (width, height), interpolation=how) > 0.5)
