"""Features and matches of earlier runs: taken up again, never trusted blindly, never too many."""

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from app.commands.places import cache_folder
from core.capture.find import find_photos
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.poses import features
from core.poses.cache import Cache, key_of
from core.poses.config import PoseConfig
from core.poses.matching import match_pairs, overlaps
from core.poses.pair_memory import Pair, PairMemory
from core.poses.solve import solve

PHOTOS = sorted(
    (Path(__file__).resolve().parents[1] / "resources" / "sample" / "photos").glob("*.jpg")
)


def solved(count: int, work: Path, cache: Path | None) -> Reconstruction:
    *_, capture = find_photos(PHOTOS[:count], work / "frames")
    assert isinstance(capture, Capture)
    # Quick features of small pictures: this is not about how good they are.
    config = PoseConfig(max_side=400, few=2, cache=cache)
    *_, answer = solve(capture, work / "poses", config)
    assert isinstance(answer, Reconstruction)
    return answer


def same(one: Reconstruction, two: Reconstruction) -> bool:
    """Alike to what COLMAP itself leaves open: of one database it makes, rarely, another model."""
    return len(one.photos) == len(two.photos) and all(
        np.allclose(a.camera_from_scene, b.camera_from_scene, atol=0.01)
        for a, b in zip(one.photos, two.photos, strict=True)
    )


class Work:
    """What was really searched and matched, from when this was made."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.photos: list[int] = []
        self.pairs: list[Pair] = []
        search, keep = features._quickly, PairMemory.keep

        def searched(work: features.Workspace, photos: Sequence[int]) -> Iterator[Sequence[int]]:
            self.photos += photos
            return search(work, photos)

        def kept(memory: PairMemory, pairs: Sequence[Pair]) -> None:
            self.pairs += pairs
            keep(memory, pairs)

        patch.setattr(features, "_quickly", searched)
        patch.setattr(PairMemory, "keep", kept)


def test_a_photo_more_is_searched_alone_and_the_answer_is_the_same_as_without_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    plain = solved(4, tmp_path, None)
    assert not cache.exists()
    first = Work(monkeypatch)
    solved(3, tmp_path, cache)
    assert (first.photos, len(first.pairs)) == ([0, 1, 2], 3)
    monkeypatch.undo()
    more = Work(monkeypatch)
    assert same(solved(4, tmp_path, cache), plain)
    assert more.photos == [3]
    assert sorted(more.pairs) == [(0, 3), (1, 3), (2, 3)]
    monkeypatch.undo()
    again = Work(monkeypatch)
    assert same(solved(4, tmp_path, cache), plain)
    assert (again.photos, again.pairs) == ([], [])
    monkeypatch.undo()
    # Cut off, emptied, overwritten: whatever a full disk or a crash leaves.
    files = sorted(path for path in cache.rglob("*") if path.is_file())
    assert len(files) == 4 + len(list(combinations(range(4), 2)))
    for n, path in enumerate(files):
        whole = path.read_bytes()
        flipped = bytes([whole[len(whole) // 2] ^ 255])
        middle = whole[: len(whole) // 2] + flipped + whole[len(whole) // 2 + 1 :]
        path.write_bytes([whole[:-30], b"", b"no archive", middle][n % 4])
    damaged = Work(monkeypatch)
    assert same(solved(4, tmp_path, cache), plain)
    assert (sorted(damaged.photos), len(damaged.pairs)) == ([0, 1, 2, 3], 6)


def test_what_is_stored_comes_back_and_nothing_else_does(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.load("abcd") is None
    cache.store("abcd", {"a": np.arange(6.0).reshape(2, 3), "none": np.zeros((0, 2), np.uint32)})
    found = cache.load("abcd")
    assert found is not None
    np.testing.assert_array_equal(found["a"], np.arange(6.0).reshape(2, 3))
    assert found["none"].shape == (0, 2)
    assert cache.load("abce") is None
    assert Cache(None).load("abcd") is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.store("abcd", {"a": np.zeros(3)})
    assert cache.load("abcd") is None
    cache.trim()


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = [f"{i:02d}key" for i in range(6)]
    for i, key in enumerate(keys):
        cache.store(key, {"a": np.zeros(1000)})
        os.utime(cache._path(key), (1000 + i, 1000 + i))
    assert cache.load(keys[0]) is not None  # used just now
    size = cache._path(keys[0]).stat().st_size
    cache.trim(3 * size)
    assert [key for key in keys if cache.load(key)] == [keys[0], keys[4], keys[5]]


def test_names_change_with_all_that_they_are_made_of() -> None:
    a = np.arange(4, dtype=np.uint8)
    names = [
        key_of("x", a),
        key_of("x", a + 1),
        key_of("x", a.reshape(2, 2)),
        key_of("x", a.view(np.int8)),
        key_of("y", a),
        key_of("xy"),
        key_of("x", "y"),
        key_of(b"x", "y"),
    ]
    assert len(set(names)) == len(names)
    assert key_of("x", a) == names[0]


def test_the_cache_lies_among_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.name == "posix" and sys.platform != "darwin":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_folder() == tmp_path / "maquette" / "photos"
        monkeypatch.delenv("XDG_CACHE_HOME")
    found = cache_folder()
    assert found is not None
    assert found.is_absolute()


def test_pairs_in_the_database_are_not_written_again(tmp_path: Path) -> None:
    solved(3, tmp_path / "one", tmp_path / "cache")
    work = features.Workspace(tmp_path / "one" / "poses")
    pairs = list(combinations(range(3), 2))
    before = overlaps(work)
    list(match_pairs(work, pairs, PoseConfig(max_side=400, few=2, cache=tmp_path / "cache")))
    assert overlaps(work) == before
