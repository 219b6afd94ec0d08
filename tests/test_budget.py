"""What memory can hold: all that was asked for where it is enough, in proportion where not."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.memory import free_memory, group_rooms
from core.capture.colmap import read_colmap
from core.capture.find import find_photos
from core.capture.names import match_names
from core.capture.photos import Capture
from core.pipeline.budget import FEWEST, PART, SMALLEST, within
from core.pipeline.pages import Pages
from core.pipeline.prepare import Pictures, bytes_of, flatten
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice, split
from tests.small_room import make_room

PHOTOS = [(4000, 3000)] * 30
BEST = PRESETS[Preset.BEST]


def test_enough_memory_changes_nothing_and_neither_does_none_known() -> None:
    for free in (None, 64 * 10**9):
        budget = within(BEST, PHOTOS, free)
        assert budget.settings == BEST
        assert budget.words == ""


def test_less_memory_is_less_of_everything_that_takes_it_and_of_nothing_else() -> None:
    steps = [within(BEST, PHOTOS, free) for free in range(2 * 10**9, 0, -(10**8))]
    sides = [budget.settings.max_size for budget in steps]
    counts = [budget.settings.max_gaussians for budget in steps]
    assert sides == sorted(sides, reverse=True)
    assert counts == sorted(counts, reverse=True)
    assert sides[-1] >= SMALLEST
    assert counts[-1] >= FEWEST
    for budget in steps:
        undone = replace(budget.settings, max_size=BEST.max_size, max_gaussians=BEST.max_gaussians)
        assert undone == BEST


def test_what_is_left_fits() -> None:
    free = 800_000_000
    found = within(BEST, PHOTOS, free).settings
    again = within(found, PHOTOS, free)
    assert again.settings == found
    assert again.words == ""
    assert found.max_gaussians * 2400 < PART * free  # what a million took, measured


def test_the_user_is_told_what_is_less() -> None:
    words = within(BEST, PHOTOS, 600_000_000).words
    assert words.startswith("This computer has 0.6 GB of memory free: ")
    assert "instead of 1024 pixels" in words
    assert "instead of 400,000 Gaussians" in words


def test_small_photos_are_told_at_the_size_that_they_have() -> None:
    assert "instead of 640 pixels" in within(BEST, [(640, 480)] * 3, 300_000_000).words


@pytest.mark.parametrize("number", ["0", "4"])
def test_a_container_leaves_what_its_tightest_group_does(tmp_path: Path, number: str) -> None:
    second = number == "0"
    names = ("memory.max", "memory.current") if second else (
        "memory.limit_in_bytes", "memory.usage_in_bytes",
    )  # fmt: skip
    root = tmp_path if second else tmp_path / "memory"
    for place, limit in (("", "max" if second else str(2**63)), ("a", "900"), ("a/b", "5000")):
        group = root / place
        group.mkdir(exist_ok=True, parents=True)
        (group / names[0]).write_text(f"{limit}\n")
        (group / names[1]).write_text("300\n")
        (group / "memory.stat").write_text("inactive_file 40\ntotal_inactive_file 50\n")
    own = f"7:cpu:/a/b\n{number}:{'' if second else 'memory'}:/a/b\n"
    assert min(group_rooms(tmp_path, own)) == 600 + (40 if second else 50)
    assert list(group_rooms(tmp_path / "nothing", own)) == []


def test_this_computer_has_some_and_a_card_is_not_asked() -> None:
    assert (free_memory() or 0) > 0
    assert free_memory("cuda") is None


def test_pictures_on_the_disk_are_the_same_to_the_bit_and_leave_no_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = [
        torch.from_numpy(random.integers(0, 256, (height, 7, 3), np.uint8)) for height in (5, 9, 1)
    ]
    pages = Pages(tmp_path / "pictures")
    for picture in pictures:
        pages.write(picture)
    found = pages.tensors()
    assert all(torch.equal(a, b) for a, b in zip(pictures, found, strict=True))
    if sys.platform != "win32":  # which names a file for as long as it is mapped
        assert list((tmp_path / "pictures").iterdir()) == []


def test_a_capture_is_flattened_to_the_disk_as_into_memory(tmp_path: Path) -> None:
    photos, model = make_room(tmp_path, 3)
    *_, capture = find_photos([photos], tmp_path / "frames")
    assert isinstance(capture, Capture)
    names = [photo.name for photo in capture.photos]
    placed = match_names(read_colmap(model), capture)
    parts = split(names, names, Choice(test_every=3))
    *_, held = flatten(capture, placed, parts, 96)
    *_, paged = flatten(capture, placed, parts, 96, Pages(tmp_path / "pictures"))
    assert isinstance(held, Pictures)
    assert isinstance(paged, Pictures)
    for one, other in zip((*held.train, *held.test), (*paged.train, *paged.test), strict=True):
        assert one.name == other.name
        assert torch.equal(one.pixels, other.pixels)
    pixels = sum(flat.pixels.numel() for flat in (*held.train, *held.test))
    assert bytes_of(capture, parts, 96) == pixels
