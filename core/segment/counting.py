"""What each photo's mask says of the Gaussians, and what photos say together.

Carrying masks to other photos and following them as they are corrected both count so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.capture.reconstruction import PlacedPhoto
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.segment.labels import BACKGROUND, IGNORE, UNLABELLED, PhotoMask
from core.segment.lift import LabelImage, Votes, labels_in, votes_of
from core.segment.masks import FLOOR
from core.segment.warp import flattening
from core.train.evidence import share_of

FLAT = 480  # pixels: the longer side of the views that labels are lifted from and rendered in
FLAT_ON_FLOOR = 0.6  # a floor's vote: of two that claim a place, a rug lies on it
UNSAID = 0.3  # what a pixel without a label, in a photo the user has worked on, is background
HIDDEN = 0.15  # up to this share of its light a photo tells nothing about a Gaussian
SAME = 0.05  # of what was said of a Gaussian, or pixels' worth: less than this is nothing new


@dataclass(frozen=True, eq=False)
class PhotoVotes:
    """What `mask` says of the Gaussians: as `Votes`, and `unsaid` [N] of pixels without a label."""

    mask: PhotoMask
    ids: tuple[int, ...]
    weights: Tensor
    unsaid: Tensor

    @property
    def size(self) -> int:
        """Bytes."""
        return self.weights.nbytes + self.unsaid.nbytes

    def carried(self, edit: RowEdit) -> "PhotoVotes":
        """These votes for the table after `edit`: newborn rows have their parents'."""
        return PhotoVotes(self.mask, self.ids, edit.carry(self.weights), edit.carry(self.unsaid))


def photo_votes(gaussians: Gaussians, photo: PlacedPhoto, mask: PhotoMask) -> PhotoVotes:
    """The votes of one photo; as much work as a picture of FLAT pixels."""
    flat, view = flattening(photo, FLAT)
    image = flat.to_flat(mask.labels(), nearest=True)
    ids = labels_in([image])
    found = witnesses(gaussians, view, image, (*ids, UNLABELLED))
    return PhotoVotes(mask, ids, found[:, :-1].clone(), found[:, -1].clone())


def witnesses(gaussians: Gaussians, view: View, image: LabelImage, ids: Sequence[int]) -> Tensor:
    """[N, K] votes of `image` [H, W], which holds none but `ids` and what is to be ignored.

    What shines through from behind something has the label of what hides it: no witness.
    """
    known = dict.fromkeys((*ids, UNLABELLED, IGNORE))
    found = votes_of(gaussians, view, image, tuple(known))
    # Every pixel has one of these labels, so all of them together are what is seen.
    share = share_of(found.sum(dim=1), gaussians, view)
    return found[:, : len(ids)] * ((share - HIDDEN) / (1 - HIDDEN)).clamp_min(0)[:, None]


def together(gaussians: Gaussians, photos: Sequence[PhotoVotes]) -> Votes:
    """What `photos` say. A pixel without a label is background with UNSAID of a vote, averaged
    over them: an object may be labelled in one and not yet in the next. What is said to be floor
    yields to what is said to be something else.
    """
    ids = tuple(sorted({BACKGROUND}.union(*(each.ids for each in photos))))
    weights = torch.zeros(len(gaussians), len(ids), device=gaussians.means.device)
    for each in photos:
        for k, id_ in enumerate(each.ids):
            worth = FLAT_ON_FLOOR if id_ == FLOOR else 1.0
            weights[:, ids.index(id_)] += worth * each.weights[:, k]
        weights[:, ids.index(BACKGROUND)] += UNSAID / len(photos) * each.unsaid
    return Votes(ids, weights)


@dataclass(frozen=True, eq=False)
class Said:
    """What was `counted` from the user's photos, and what all were `heard` to say by it."""

    counted: Votes
    heard: Votes

    def still(self, now: Votes) -> Votes:
        """What was heard of Gaussians of which nothing else is counted `now`, else that."""
        ids = tuple(sorted({*now.ids, *self.heard.ids}))
        fresh, before, heard = (_among(each, ids) for each in (now, self.counted, self.heard))
        changed = (fresh - before).abs().sum(dim=1) > SAME * (1 + before.sum(dim=1))
        return Votes(ids, torch.where(changed[:, None], fresh, heard))


def _among(votes: Votes, ids: Sequence[int]) -> Tensor:
    """[N, K] weights for all `ids`."""
    weights = votes.weights.new_zeros(len(votes.weights), len(ids))
    weights[:, [ids.index(id_) for id_ in votes.ids]] = votes.weights
    return weights
