"""Run lengths of masks: those of pycocotools, there and back, and damage noticed."""

import numpy as np
import pytest

from core.segment.rle import compressed, counts_of, mask_of_counts, uncompressed

# What pycocotools 2.0.11 makes of the mask in `drawn`.
COCO_TEXT = "T14d80oH5ZO4M2N2N2N2F_OKa0=2O000000000H]OKc0=0001N101N2NFCL;b0N3Lc4KT3000"


def drawn() -> np.ndarray:
    y, x = np.mgrid[:40, :50]
    return np.asarray((np.hypot(x - 20, y - 15) < 12) | ((y > 35) & (x % 7 == 0)))


def test_run_lengths_are_those_of_pycocotools() -> None:
    assert compressed(counts_of(drawn())) == COCO_TEXT
    assert np.array_equal(mask_of_counts(uncompressed(COCO_TEXT), 40, 50), drawn())


def test_run_lengths_come_back_whatever_the_mask() -> None:
    dice = np.random.default_rng(1)
    for k in range(60):
        mask = np.kron(dice.random(dice.integers(1, 30, 2)) < 0.5, np.ones((k + 1, 3), bool))
        mask = [mask, np.zeros_like(mask), np.ones_like(mask)][k % 3]
        counts = counts_of(mask)
        assert uncompressed(compressed(counts)) == counts
        assert np.array_equal(mask_of_counts(counts, *mask.shape), mask)


@pytest.mark.parametrize("text", ["T14d8", "\t", "é", "oooooooooooooooooo", "1o"])
def test_damaged_run_lengths_are_noticed(text: str) -> None:
    with pytest.raises(ValueError, match=r"run|pixels"):
        mask_of_counts(uncompressed(text), 40, 50)
