"""Whose the Gaussians are while masks are corrected and training goes on: what is new is counted.

Each photo's votes are kept. A corrected mask has its own photo counted again, and new Gaussians
begin with the votes of those that they grew from.
"""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from core.capture.reconstruction import PlacedPhoto
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.segment.counting import PhotoVotes, Said, photo_votes, together
from core.segment.labels import PhotoMask, Standing
from core.segment.lift import Votes
from core.segment.tidy import NEIGHBOURS, Links, links_of, tidied
from core.segment.tiles import same_numbers

RECOUNTED = 1  # photo whose Gaussians have moved since, at a time: the one counted longest ago
ROOM = 400_000_000  # bytes of votes that are kept


class Following:
    """Knows the `photos` that have a place, and the votes of those whose masks were counted."""

    def __init__(self, photos: Sequence[PlacedPhoto]) -> None:
        self._photos = {photo.name: photo for photo in photos}
        self._votes: dict[str, PhotoVotes] = {}  # what was counted longest ago comes first
        self._rows: tuple[Tensor, Tensor] | None = None  # some columns of the last call
        self._links: Links | None = None
        self._said: Said | None = None

    def hear(self, gaussians: Gaussians, said: Said) -> None:
        """From now on `said` holds of those `gaussians` of which masks say nothing else."""
        self._take(gaussians, None)
        self._said = said

    def votes(
        self, gaussians: Gaussians, masks: Mapping[str, PhotoMask], since: RowEdit | None = None
    ) -> Votes:
        """What `masks` say of `gaussians`, tidied; only those count that the user has worked on.

        What carrying has told, see `hear`, holds where they say nothing else. `since`: how the
        rows came from those of the last call, None where that is not known.
        """
        rest = self._take(gaussians, since)
        given = [n for n in self._photos if n in masks and masks[n].standing is Standing.USER]
        self._votes = {name: each for name, each in self._votes.items() if name in given}
        for name in self._due(given, masks, rest):
            self._votes.pop(name, None)
            self._votes[name] = photo_votes(gaussians, self._photos[name], masks[name])
        joined = together(gaussians, tuple(self._votes.values()))
        while sum(each.size for each in self._votes.values()) > ROOM:
            del self._votes[next(iter(self._votes))]
        if self._links is None and len(gaussians) > NEIGHBOURS:
            self._links = links_of(gaussians)
        if self._said is not None and given:
            joined = self._said.still(joined)
        return tidied(gaussians, joined, self._links)

    def _take(self, gaussians: Gaussians, since: RowEdit | None) -> bool:
        """Let the votes be of the rows of `gaussians`; whether all is as in the last call."""
        before, now = self._rows, (gaussians.means, gaussians.logit_opacity)
        if before is not None and all(map(torch.equal, before, now)):
            return True
        # Training writes into its columns.
        self._rows, self._said = (now[0].clone(), now[1].clone()), None
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


def _is_nothing(edit: RowEdit, rows: int) -> bool:
    """Whether `edit` leaves a table of so many rows as it is."""
    own = torch.arange(rows, device=edit.parent.device)
    return not bool(edit.fresh.any()) and torch.equal(edit.parent, own)


def _alike(one: PhotoMask, other: PhotoMask) -> bool:
    return one is other or same_numbers(one.codes, other.codes)
