"""Labels of Gaussians made to agree with their neighbours where photos said little."""

from dataclasses import dataclass, replace

import cv2
import numba
import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.neighbours import KD_TREE
from core.gaussians.table import Gaussians
from core.geometry.sh import SH_C0
from core.segment.labels import BACKGROUND
from core.segment.lift import Votes
from core.segment.passing import pass_on

NEIGHBOURS = 10
COLOR = 0.15  # in [0, 1]: Gaussians whose colours are this far apart hardly tell about each other
SAY = 1.0  # pixels' worth: what the neighbours' word counts beside a Gaussian's own votes
GLIMPSE = 0.5  # pixels' worth: what was seen of a Gaussian less than this hardly counts
TURNS = 120  # how many neighbours far a word is passed on
SETTLED = 1e-5  # of a share, on average: less change than this is none
FAINTEST = 1e-6  # of a link: so that nobody is alone
LEAST = 1e-12
UNREACHED = 1e-6
DIGITS = 10  # binary, of a place along each axis, by which Gaussians are ordered


@dataclass(frozen=True, eq=False)
class Links:
    """For every Gaussian its nearest others and what each counts: rows sum to one.

    Those near each other come near each other: looking up neighbours is most of the work.
    """

    order: NDArray[np.intp]  # [N] which Gaussian is in each row of those below
    rows: NDArray[np.int32]  # [N, NEIGHBOURS] rows of this
    weights: NDArray[np.float32]  # [N, NEIGHBOURS]


def tidied(gaussians: Gaussians, votes: Votes, links: Links | None = None) -> Votes:
    """`votes` as weights that sum to one, each Gaussian's own and, the fewer, its neighbours'.

    Solves by turns x = (own votes + SAY * mean x of the neighbours) / (own votes' sum + SAY),
    from x = 0, and scales the rows: how likely a random walk that starts at a Gaussian first
    stops at each label (Grady, 2006). Neighbours count by nearness and likeness in colour.
    Gaussians that nobody saw take all from theirs. `links`: where they are known already.
    """
    if len(gaussians) <= NEIGHBOURS:
        return replace(votes, weights=votes.shares)
    links = links or links_of(gaussians)
    shares, seen = votes.shares.cpu().numpy(), votes.seen.cpu().numpy()[:, None]
    # What shines through from behind something has the label of what hides it: no witness.
    own = np.asarray(shares * (seen * seen / (seen + GLIMPSE)), np.float32)
    # How much of each label has arrived so far; where nothing has, nothing is passed on.
    rest = np.float32(SAY) / (own.sum(axis=1) + np.float32(SAY))
    own *= rest[:, None] / np.float32(SAY)
    own, rest = own[links.order], rest[links.order]
    arrived, after = own.copy(), np.empty_like(own)
    workers = numba.get_num_threads()
    for _ in range(TURNS):
        change = pass_on(own, rest, links.rows, links.weights, arrived, after, np.zeros(workers))
        arrived, after = after, arrived
        if change < SETTLED * own.size:
            break
    total = arrived.sum(axis=1, keepdims=True)
    arrived /= np.maximum(total, LEAST)
    # What no word has reached is what most of a scene is.
    arrived[total[:, 0] < UNREACHED] = np.eye(len(votes.ids))[votes.ids.index(BACKGROUND)]
    weights = np.empty_like(arrived)
    weights[links.order] = arrived
    return replace(votes, weights=torch.from_numpy(weights).to(votes.weights))


def links_of(gaussians: Gaussians) -> Links:
    """Who tells about whom: the nearest ones, and more so where they are alike in colour."""
    means = gaussians.means.detach().cpu().numpy()
    # In training there may be rows that are not numbers yet to be thrown out.
    means = np.where(np.isfinite(means).all(axis=1, keepdims=True), means, 0)
    near = np.ascontiguousarray(means - np.median(means, axis=0), np.float32)
    tree = cv2.flann.Index(near, {"algorithm": KD_TREE})
    rows, squares = tree.knnSearch(near, NEIGHBOURS + 1)
    index, distance = rows[:, 1:], squares[:, 1:]
    colors = 0.5 + SH_C0 * gaussians.sh[:, 0].detach().cpu().numpy()
    colors = np.nan_to_num(np.clip(colors, 0, 1))
    apart = ((colors[:, None] - colors[index]) ** 2).sum(axis=2)
    scale = np.maximum(distance.mean(axis=1, keepdims=True), 1e-20)
    weight = np.exp(-distance / (2 * scale) - apart / (2 * COLOR**2)) + FAINTEST
    weight /= weight.sum(axis=1, keepdims=True)
    order = _by_place(near)
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return Links(
        order,
        np.ascontiguousarray(places[index[order]]),
        np.ascontiguousarray(weight[order], np.float32),
    )


def _by_place(points: NDArray[np.float32]) -> NDArray[np.intp]:
    """The order [N] of `points` [N, 3] along a curve that fills space (Morton, 1966)."""
    low, high = np.percentile(points, (1, 99), axis=0)
    cells = (points - low) / max(float((high - low).max()), LEAST) * 2**DIGITS
    cells = np.clip(cells, 0, 2**DIGITS - 1).astype(np.int64)
    key = np.zeros(len(points), np.int64)
    for digit in range(DIGITS):
        for axis in range(3):
            key |= (cells[:, axis] >> digit & 1) << (3 * digit + axis)
    return np.argsort(key, kind="stable")
