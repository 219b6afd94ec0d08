"""Whose the Gaussians are while masks are corrected and training goes on: what is new is counted.

Each photo's votes are kept. A corrected mask has its own photo counted again, and new Gaussians
begin with the votes of those that they grew from.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.capture.reconstruction import PlacedPhoto
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.segment.labels import BACKGROUND, IGNORE, UNLABELLED, PhotoMask, Standing
from core.segment.lift import Votes, labels_in, votes_of
from core.segment.propagate import FLAT, HIDDEN, UNSAID
from core.segment.tidy import NEIGHBOURS, Links, links_of, tidied
from core.segment.tiles import same_numbers
from core.segment.warp import flattening
from core.train.evidence import share_of

RECOUNTED = 1  # photo whose Gaussians have moved since, at a time: the one counted longest ago
ROOM = 400_000_000  # bytes of votes that are kept


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


class Following:
    """Knows the `photos` that have a place, and the votes of those whose masks were counted."""

    def __init__(self, photos: Sequence[PlacedPhoto]) -> None:
        self._photos = {photo.name: photo for photo in photos}
        self._votes: dict[str, PhotoVotes] = {}  # what was counted longest ago comes first
        self._rows: tuple[Tensor, Tensor] | None = None  # some columns of the last call
        self._links: Links | None = None

    def votes(
        self, gaussians: Gaussians, masks: Mapping[str, PhotoMask], since: RowEdit | None = None
    ) -> Votes:
        """What `masks` say of `gaussians`, tidied; only those count that the user has worked on.

        A pixel without a label is background with UNSAID of a vote, averaged over those photos.
        `since`: how the rows came from those of the last call, None where that is not known.
        """
        rest = self._take(gaussians, since)
        given = [n for n in self._photos if n in masks and masks[n].standing is Standing.USER]
        self._votes = {name: each for name, each in self._votes.items() if name in given}
        for name in self._due(given, masks, rest):
            self._votes.pop(name, None)
            self._votes[name] = photo_votes(gaussians, self._photos[name], masks[name])
        joined = _joined(gaussians, tuple(self._votes.values()))
        while sum(each.size for each in self._votes.values()) > ROOM:
            del self._votes[next(iter(self._votes))]
        if self._links is None and len(gaussians) > NEIGHBOURS:
            self._links = links_of(gaussians)
        return tidied(gaussians, joined, self._links)

    def _take(self, gaussians: Gaussians, since: RowEdit | None) -> bool:
        """Let the votes be of the rows of `gaussians`; whether all is as in the last call."""
        before, now = self._rows, (gaussians.means, gaussians.logit_opacity)
        if before is not None and all(map(torch.equal, before, now)):
            return True
        # Training writes into its columns.
        self._rows = (now[0].clone(), now[1].clone())
        if since is None or before is None:
            self._votes, self._links = {}, None
        elif not _is_nothing(since, len(before[0])):
            self._votes = {name: each.carried(since) for name, each in self._votes.items()}
            self._links = None
        return False

    def _due(
        self, given: Collection[str], masks: Mapping[str, PhotoMask], rest: bool
    ) -> tuple[str, ...]:
        """The photos to count again: those whose masks are new, and some of the others."""
        counted = self._votes
        new = [n for n in given if n not in counted or not _alike(counted[n].mask, masks[n])]
        others = [name for name in counted if name not in new]
        return (*new, *(() if rest else others[:RECOUNTED]))


def photo_votes(gaussians: Gaussians, photo: PlacedPhoto, mask: PhotoMask) -> PhotoVotes:
    """The votes of one photo; as much work as a picture of FLAT pixels."""
    flat, view = flattening(photo, FLAT)
    image = flat.to_flat(mask.labels(), nearest=True)
    ids = labels_in([image])
    # Every pixel has one of these labels, so all of them together are what is seen.
    found = votes_of(gaussians, view, image, (*ids, UNLABELLED, IGNORE))
    share = share_of(found.sum(dim=1), gaussians, view)
    # What shines through from behind something has the label of what hides it: no witness.
    found *= ((share - HIDDEN) / (1 - HIDDEN)).clamp_min(0)[:, None]
    count = len(ids)
    return PhotoVotes(mask, ids, found[:, :count].clone(), found[:, count].clone())


def _joined(gaussians: Gaussians, photos: Sequence[PhotoVotes]) -> Votes:
    ids = tuple(sorted({BACKGROUND}.union(*(each.ids for each in photos))))
    weights = torch.zeros(len(gaussians), len(ids), device=gaussians.means.device)
    for each in photos:
        for k, id_ in enumerate(each.ids):
            weights[:, ids.index(id_)] += each.weights[:, k]
        weights[:, ids.index(BACKGROUND)] += UNSAID / len(photos) * each.unsaid
    return Votes(ids, weights)


def _is_nothing(edit: RowEdit, rows: int) -> bool:
    """Whether `edit` leaves a table of so many rows as it is."""
    own = torch.arange(rows, device=edit.parent.device)
    return not bool(edit.fresh.any()) and torch.equal(edit.parent, own)


def _alike(one: PhotoMask, other: PhotoMask) -> bool:
    return one is other or same_numbers(one.codes, other.codes)
