"""Which photos look alike, so that only pairs that may share something are matched.

Photos are compared by their largest features alone, as in C. Wu, "Towards linear-time
incremental structure from motion" (3DV 2013). Of many photos, each is compared only with those
that share the most words of a vocabulary with it (J. Sivic and A. Zisserman, "Video Google",
ICCV 2003), so that the time grows with their number and not with its square.
"""

from collections.abc import Sequence
from itertools import combinations, groupby

import numpy as np
from numpy.typing import NDArray

# The largest features of a photo stand for it when photos are compared as wholes.
STAND_INS = 512
STAND_IN_RATIO = 0.8
# Up to so many photos each is compared with every other.
ALL_COMPARED = 60
# Above, with so many times the photos that it is matched with in the end.
SHORTLIST = 2

# The vocabulary: found among so many features, in so many rounds of k-means.
WORDS = 2048
SAMPLE_A_WORD = 12
ROUNDS = 4
BLOCK = 4096
AT_ONCE = 32  # photos compared with one in one product

Pair = tuple[int, int]
Descriptors = NDArray[np.float32]


def alike_pairs(stand_ins: Sequence[Descriptors], neighbors: int, seed: int) -> list[Pair]:
    """Pairs of photos of which one is among the `neighbors` most alike of the other.

    `stand_ins`: for each photo unit descriptors [S, 128], as `stand_ins_of` finds them.
    Neighbours in this order are always among the pairs: they were often taken one after
    the other.
    """
    count = len(stand_ins)
    chain = {(i, i + 1) for i in range(count - 1)}
    if count <= ALL_COMPARED:
        compared = list(combinations(range(count), 2))
    else:
        compared = sorted(_shortlist(stand_ins, SHORTLIST * neighbors, seed) | chain)
    found: list[list[tuple[int, int]]] = [[] for _ in stand_ins]
    for i, group in groupby(compared, key=lambda pair: pair[0]):
        others = [k for _, k in group]
        for k, likeness in zip(
            others, likenesses(stand_ins[i], [stand_ins[k] for k in others]), strict=True
        ):
            if likeness > 0:
                found[i].append((-likeness, k))
                found[k].append((-likeness, i))
    best = ((i, k) for i, others in enumerate(found) for _, k in sorted(others)[:neighbors])
    return sorted(chain | {(min(pair), max(pair)) for pair in best})


def stand_ins_of(keypoints: NDArray[np.float32], descriptors: NDArray[np.uint8]) -> Descriptors:
    """Unit descriptors [at most STAND_INS, 128] float32 of the largest features of a photo.

    `keypoints` [F, 6] and `descriptors` [F, 128] as the database has them.
    """
    shapes = keypoints[:, 2:]
    # Columns are x, y and the affine shape; its determinant is the squared scale.
    size = np.abs(shapes[:, 0] * shapes[:, 3] - shapes[:, 1] * shapes[:, 2])
    chosen = descriptors[np.argsort(-size, kind="stable")[:STAND_INS]].astype(np.float32)
    lengths = np.linalg.norm(chosen, axis=1, keepdims=True)
    return np.asarray(chosen / np.maximum(lengths, 1.0), np.float32)


def likenesses(one: Descriptors, others: Sequence[Descriptors]) -> list[int]:
    """How many descriptors of each of `others` have a clear and mutual best match in `one`.

    One product of large matrices: many small ones leave the threads of the linear algebra
    waiting for each other (0.8 ms each alone, 16 beside other work).
    """
    found = [0] * len(others)
    usable = [k for k, other in enumerate(others) if len(other)] if len(one) > 1 else []
    for start in range(0, len(usable), AT_ONCE):
        chosen = usable[start : start + AT_ONCE]
        sizes = [len(others[k]) for k in chosen]
        begins = np.cumsum([0, *sizes[:-1]])
        cosine = np.concatenate([others[k] for k in chosen]) @ one.T
        rows = np.arange(len(cosine))
        best = cosine.argmax(axis=1)
        first = cosine[rows, best]
        greatest = np.maximum.reduceat(cosine, begins, axis=0)
        mutual = first == greatest[np.repeat(np.arange(len(chosen)), sizes), best]
        # Faster than finding both by partition.
        cosine[rows, best] = -1.0
        second = cosine.max(axis=1)
        clear = mutual & (1.0 - first < STAND_IN_RATIO**2 * (1.0 - second))
        for k, count in zip(chosen, np.add.reduceat(clear, begins, dtype=np.int64), strict=True):
            found[k] = int(count)
    return found


def _shortlist(stand_ins: Sequence[Descriptors], most: int, seed: int) -> set[Pair]:
    """Each photo with the `most` that share the most words with it, rare words counting more."""
    words = _vocabulary(np.concatenate(stand_ins), seed)
    counts = np.zeros((len(stand_ins), len(words)), np.float32)
    for i, features in enumerate(stand_ins):
        np.add.at(counts[i], _nearest(features, words), 1.0)
    rarity = np.log(len(stand_ins) / np.maximum((counts > 0).sum(axis=0), 1))
    vectors = np.sqrt(counts) * rarity.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    pairs = set()
    for i, vector in enumerate(vectors):
        likeness = vectors @ vector
        likeness[i] = -1.0
        for k in np.argpartition(-likeness, most)[:most].tolist():
            pairs.add((min(i, k), max(i, k)))
    return pairs


def _vocabulary(features: Descriptors, seed: int) -> Descriptors:
    """Centres [W, 128] of unit length of a sample of `features` [F, 128]: spherical k-means."""
    random = np.random.default_rng(seed)
    count = min(WORDS, max(1, len(features) // SAMPLE_A_WORD))
    size = min(len(features), SAMPLE_A_WORD * count)
    sample = features[random.choice(len(features), size, replace=False)]
    words = sample[:count].copy()
    for _ in range(ROUNDS):
        nearest = _nearest(sample, words)
        sums = np.zeros_like(words)
        np.add.at(sums, nearest, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        words = np.where(lengths > 0.0, sums / np.maximum(lengths, 1e-9), words)
    return words


def _nearest(features: Descriptors, words: Descriptors) -> NDArray[np.intp]:
    """The word [F] nearest to each of `features`, in blocks that stay small in memory."""
    found = np.zeros(len(features), np.intp)
    for start in range(0, len(features), BLOCK):
        block = slice(start, start + BLOCK)
        found[block] = (features[block] @ words.T).argmax(axis=1)
    return found
