"""What keeps placing photos fast: nothing loaded or done that it does not need."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path

from core.poses.matching import GROUP, batches

ROOT = Path(__file__).resolve().parents[1]


def test_a_process_that_only_places_photos_loads_neither_torch_nor_scipy() -> None:
    words = "import sys, core.poses.solve; print(*{'torch', 'scipy', 'numba'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_batches_hold_every_pair_once_and_few_photos_each() -> None:
    pairs = list(combinations(range(40), 2))
    found = batches(pairs, GROUP * GROUP)
    assert sorted(pair for batch in found for pair in batch) == pairs
    assert all(len(batch) <= GROUP * GROUP for batch in found)
    indexed = sum(len({i for pair in batch for i in pair}) for batch in found)
    # In order of pairs alone each photo would be indexed about ten times.
    assert indexed <= 5 * 40


def test_thin_blocks_are_put_together() -> None:
    chain = [(i, i + 1) for i in range(99)]
    assert len(batches(chain, GROUP * GROUP)) == 1
