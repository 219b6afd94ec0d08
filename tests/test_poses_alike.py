"""Which photos are compared and matched, in a walk that is made up of numbers."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from core.poses import alike
from core.poses.alike import Descriptors, alike_pairs, likenesses, stand_ins_of

SEEN, STEP = 60, 12  # features a photo sees, and by how many the next one's are others


def walk(count: int, *, shuffled: bool = False) -> list[Descriptors]:
    """Photos along a row of features, of which each has a fifth fewer in common with the next."""
    random = np.random.default_rng(3)
    world = random.normal(size=(SEEN + STEP * count, 128)) ** 2
    photos = []
    for i in random.permutation(count) if shuffled else range(count):
        seen = world[STEP * i : STEP * i + SEEN]
        seen = seen * random.uniform(0.9, 1.1, seen.shape)
        photos.append((seen / np.linalg.norm(seen, axis=1, keepdims=True)).astype(np.float32))
    return photos


def test_of_many_photos_those_that_share_features_are_found_and_few_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0
    compare = alike.likenesses

    def counted(one: Descriptors, others: Sequence[Descriptors]) -> list[int]:
        nonlocal compared
        compared += len(others)
        return compare(one, others)

    monkeypatch.setattr(alike, "likenesses", counted)
    count, neighbors = 150, 6
    pairs = set(alike_pairs(walk(count), neighbors, 0))
    overlapping = {(i, k) for i, k in combinations(range(count), 2) if k - i <= 3}
    assert len(overlapping & pairs) > 0.97 * len(overlapping)
    assert compared <= (alike.SHORTLIST * neighbors + 1) * count
    compared_before, compared = compared, 0
    alike_pairs(walk(2 * count), neighbors, 0)
    assert compared < 2.2 * compared_before


def test_few_photos_are_all_compared_and_the_order_does_not_matter() -> None:
    pairs = alike_pairs(walk(40), 4, 0)
    assert {(i, i + 1) for i in range(39)} | {(i, i + 2) for i in range(38)} <= set(pairs)
    shuffled = walk(40, shuffled=True)
    place = np.random.default_rng(3)
    place.normal(size=(SEEN + STEP * 40, 128))
    order = place.permutation(40)
    found = {tuple(sorted((order[i], order[k]))) for i, k in alike_pairs(shuffled, 4, 0)}
    assert {(i, i + 1) for i in range(39)} <= found


def test_photos_without_features_are_tied_to_their_neighbours_alone() -> None:
    empty = np.zeros((0, 128), np.float32)
    photos = walk(70)
    photos[30] = empty
    pairs = alike_pairs(photos, 4, 0)
    assert [pair for pair in pairs if 30 in pair] == [(29, 30), (30, 31)]
    assert alike_pairs([empty] * 70, 4, 0) == [(i, i + 1) for i in range(69)]


def test_the_largest_features_stand_for_a_photo() -> None:
    random = np.random.default_rng(0)
    keypoints = np.zeros((2000, 6), np.float32)
    keypoints[:, 2] = keypoints[:, 5] = np.arange(2000)
    descriptors = random.integers(0, 255, (2000, 128)).astype(np.uint8)
    chosen = stand_ins_of(keypoints, descriptors)
    assert chosen.shape == (alike.STAND_INS, 128)
    np.testing.assert_allclose(np.linalg.norm(chosen, axis=1), 1.0, atol=1e-5)
    last = descriptors[-1] / np.linalg.norm(descriptors[-1].astype(float))
    np.testing.assert_allclose(chosen[0], last, atol=1e-5)


def test_likenesses_are_what_a_look_at_every_pair_of_features_finds() -> None:
    photos = [*walk(45)[:40], np.zeros((0, 128), np.float32), walk(45)[3][:1]]
    found = likenesses(photos[2], photos)
    assert found[2] == SEEN
    for count, photo in zip(found, photos, strict=True):
        cosine = photo @ photos[2].T
        matches = 0
        for row in cosine:
            order = np.argsort(-row)
            far = np.sqrt(np.maximum(1.0 - row[order[:2]], 0.0))
            mutual = row[order[0]] == cosine[:, order[0]].max()
            matches += bool(mutual and far[0] < alike.STAND_IN_RATIO * far[1])
        assert count == matches
    assert likenesses(photos[0][:1], photos[:3]) == [0, 0, 0]
