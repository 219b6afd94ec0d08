"""Labels of Gaussians made to agree with their neighbours where photos said little."""

from dataclasses import replace

import cv2
import numpy as np
import torch
from scipy.sparse import csr_matrix

from core.gaussians.neighbours import KD_TREE
from core.gaussians.table import Gaussians
from core.geometry.sh import SH_C0
from core.segment.lift import Votes

NEIGHBOURS = 10
COLOR = 0.15  # in [0, 1]: Gaussians whose colours are this far apart hardly tell about each other
SAY = 1.0  # pixels' worth: what the neighbours' word counts beside a Gaussian's own votes
TURNS = 40  # how many neighbours far a word is passed on
SETTLED = 1e-2  # of a share: less change than this is none
FAINTEST = 1e-6  # of a link: so that nobody is alone
LEAST = 1e-12


def tidied(gaussians: Gaussians, votes: Votes) -> Votes:
    """`votes` as weights that sum to one, each Gaussian's own and, the fewer, its neighbours'.

    Solves by turns x = (own votes + SAY * mean x of the neighbours) / (seen + SAY): a random walk
    that ends the sooner the better a Gaussian was seen (Grady, 2006). Neighbours count by their
    nearness and likeness in colour. Gaussians that nobody saw take all from theirs.
    """
    if len(gaussians) <= NEIGHBOURS:
        return replace(votes, weights=votes.shares)
    links = _links(gaussians)
    own = votes.weights.cpu().numpy()
    seen = own.sum(axis=1, keepdims=True)
    shares = own / np.maximum(seen, LEAST)
    for _ in range(TURNS):
        around = links @ shares
        # Where the neighbours know nothing yet, they do not count as background either.
        known = around.sum(axis=1, keepdims=True)
        after = (own + SAY * around) / np.maximum(seen + SAY * known, LEAST)
        settled = float(np.abs(after - shares).max()) < SETTLED
        shares = after
        if settled:
            break
    return replace(votes, weights=torch.from_numpy(shares).to(votes.weights))


def _links(gaussians: Gaussians) -> csr_matrix:
    """[N, N]: for every Gaussian what each of its neighbours counts; rows sum to one."""
    means = gaussians.means.detach().cpu().numpy()
    near = np.ascontiguousarray(means - np.median(means, axis=0), np.float32)
    tree = cv2.flann.Index(near, {"algorithm": KD_TREE})
    rows, squares = tree.knnSearch(near, NEIGHBOURS + 1)
    index, distance = rows[:, 1:], squares[:, 1:]
    colors = np.clip(0.5 + SH_C0 * gaussians.sh[:, 0].detach().cpu().numpy(), 0, 1)
    apart = ((colors[:, None] - colors[index]) ** 2).sum(axis=2)
    scale = np.maximum(distance.mean(axis=1, keepdims=True), 1e-20)
    weight = np.exp(-distance / (2 * scale) - apart / (2 * COLOR**2)) + FAINTEST
    weight /= weight.sum(axis=1, keepdims=True)
    count = len(means)
    starts = np.arange(0, count * NEIGHBOURS + 1, NEIGHBOURS)
    return csr_matrix((weight.ravel(), index.ravel(), starts), shape=(count, count))
