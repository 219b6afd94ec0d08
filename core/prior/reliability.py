"""How far a target can be relied on: it has to agree with the photos where they can tell."""

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.geometry.camera import project, unproject
from core.prior.protocol import Draft, PosedPhoto
from core.prior.visibility import landed

SAME_DEPTH = 0.05  # in proportion: so near to a photo's surface is on it
PATCH, AROUND = 0.06, 0.35  # of the picture's longer side: what is compared, what is judged alike
ALIKE = 0.1  # difference of two patches' mean colours, in [0, 1]
# That of their channels from grey, which exposure hardly changes, beside how colourful they are.
TINT, COLORFUL = 0.02, 0.8
LONE = 0.1  # how much one photo can tell, of what two can that agree
WHOLE = 0.05  # how much the whole picture counts beside what is around
DOUBTED, TRUSTED = 0.5, 0.8  # parts of what can be told that agree: below none, above all is used


def reliability(target: Tensor, draft: Draft, depths: Sequence[Tensor]) -> Tensor:
    """[H, W] in [0, 1] for `target` [H, W, 3], made from `draft`.

    After the masks of HAD (CVPR 2026), without its network: the draft's photos are brought into
    its view by the depths drawn, where those are consistent with the photos' own (`depths`, one
    [H, W] a photo). Where two of them agree with each other, it is known what is to be seen;
    what one shows alone counts little. A pixel is judged by the part of what is known that has the
    right colours, around it and in the whole picture, whichever is less, and nothing is taken
    that contradicts what is known. A target of which nothing can be checked is not relied on.
    """
    pairs = [warped(draft, photo, depth) for photo, depth in zip(draft.photos, depths, strict=True)]
    if not pairs:
        return torch.zeros_like(draft.alpha)
    patch = _odd(PATCH * max(target.shape[:2]))
    right = torch.stack([_alike(target, color, seen, patch) for color, seen in pairs])
    right = right.any(dim=0).float()
    known = LONE * torch.stack([seen for _, seen in pairs]).amax(dim=0)
    for (one, first), (other, second) in combinations(pairs, 2):
        both = first * second
        same = both * _alike(one, other, both, patch, tinted=False)
        known = torch.maximum(known, same)
    wide = _odd(AROUND * max(target.shape[:2]))
    whole = (known * right).sum() / known.sum().clamp_min(1e-6)
    near = _mean(known * right, wide) + WHOLE * LONE * whole
    share = torch.minimum(near / (_mean(known, wide) + WHOLE * LONE), whole)
    trust = ((share - DOUBTED) / (TRUSTED - DOUBTED)).clamp(0, 1)
    return trust * (1 - known * (1 - right))


def warped(draft: Draft, photo: PosedPhoto, depth: Tensor) -> tuple[Tensor, Tensor]:
    """Colours [H, W, 3] of `photo` in the draft's view, and where [H, W] in {0, 1} it shows it.

    `depth` [H, W]: z of the surfaces that the photo shows, 0 where there are none.
    """
    pixels, z = project(unproject(draft.depth, draft.view), photo.view)
    column, row, inside = landed(pixels, z, photo.view)
    found = depth[row, column]
    seen = inside & (draft.depth > 0) & ((z - found).abs() < SAME_DEPTH * z)
    return photo.color[row, column], seen.to(draft.alpha)


def _alike(one: Tensor, other: Tensor, where: Tensor, patch: int, *, tinted: bool = True) -> Tensor:
    """[H, W] bool: whether the mean colours in patches, counted `where` [H, W], are the same.

    By `ALIKE`, and if `tinted` by `TINT` as well; nowhere where nothing is counted.
    """
    parts = [one - other, other] if tinted else [one - other]
    weighed = torch.cat([part * where[..., None] for part in parts] + [where[..., None]], dim=2)
    means = _boxed(weighed.permute(2, 0, 1)[None], patch)[0]
    means = means[:-1] / means[-1].clamp_min(1e-6)
    same = (means[:3].abs().mean(dim=0) < ALIKE) & (where > 0)
    if not tinted:
        return same
    apart, colored = (_from_grey(means[k : k + 3]) for k in (0, 3))
    return same & (apart < TINT + COLORFUL * colored)


def _from_grey(colors: Tensor) -> Tensor:
    """[H, W]: by how much the channels of `colors` [3, H, W] differ from their mean."""
    return (colors - colors.mean(dim=0)).abs().mean(dim=0)


def _mean(picture: Tensor, patch: int) -> Tensor:
    """Of `picture` [H, W] around each pixel."""
    return _boxed(picture[None, None], patch)[0, 0]


def _boxed(pictures: Tensor, patch: int) -> Tensor:
    """`pictures` [B, C, H, W], each pixel the mean of a square around it, 0 beyond the edges.

    Down, then across: of squares as wide as a third of the picture, all at once took a second.
    """
    down = avg_pool2d(pictures, (patch, 1), 1, (patch // 2, 0))
    return avg_pool2d(down, (1, patch), 1, (0, patch // 2))


def _odd(pixels: float) -> int:
    return 2 * max(1, round(pixels / 2)) + 1
