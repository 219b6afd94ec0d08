"""Values handed over through a shelf: as they were, and nothing is left lying there."""

import errno
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest

from app.engine.shared_rows import FEW, IN_MEMORY, Packed, Shelf, new_shelf_folder
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.scene.shown import PointCloud
from tests.scenes import cloud


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = new_shelf_folder()
    yield folder
    rmtree(folder)


def test_a_value_comes_out_as_it_went_in(folder: Path) -> None:
    shelf = Shelf(folder, "a-")
    odd = np.arange(FEW + 3, dtype=np.uint8).reshape(-1, 1)
    sent = {"odd": odd, "splats": SplatArrays.from_gaussians(cloud(1001)), "words": "and more"}
    packed = shelf.pack(sent)
    assert len(packed.pickled) < 2000
    assert [path.name for path in folder.iterdir()] == [packed.file] == ["a-1"]
    came = Shelf(folder, "b-").take(packed)
    assert isinstance(came, dict)
    assert came["words"] == "and more"
    assert np.array_equal(came["odd"], odd)
    for name, column in vars(sent["splats"]).items():
        found = getattr(came["splats"], name)
        assert np.array_equal(found, column), name
        assert (found.dtype, found.shape) == (column.dtype, column.shape)
        assert found.flags.aligned
        assert found.flags.writeable
    assert not list(folder.iterdir())


def test_what_is_taken_is_nobody_elses(folder: Path) -> None:
    shelf = Shelf(folder, "a-")
    sent = np.zeros(FEW)
    packed = shelf.pack(sent)
    sent += 1
    came = shelf.take(packed)
    assert isinstance(came, np.ndarray)
    assert (came == 0).all()


def test_small_values_and_odd_layouts_need_no_file(folder: Path) -> None:
    shelf = Shelf(folder, "a-")
    nothing = PointCloud(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint8))
    for value in (7, None, np.arange(10), np.ones((400, 400))[:, ::2], nothing):
        packed = shelf.pack(value)
        assert not packed.file
        came = shelf.take(packed)
        assert isinstance(came, PointCloud) or np.array_equal(came, value)  # type: ignore[arg-type]
    turned = np.arange(2.0 * FEW).reshape(2, -1).T
    assert np.array_equal(shelf.take(shelf.pack(turned)), turned)  # type: ignore[arg-type]


def test_what_nobody_took_can_be_cleared_away(folder: Path) -> None:
    for prefix in ("from-1-", "from-2-"):
        Shelf(folder, prefix).pack(np.zeros(FEW))
    (folder / "log").touch()
    Shelf(folder, "from-1-").clear()
    assert sorted(path.name for path in folder.iterdir()) == ["from-2-1", "log"]


def test_a_file_that_was_cut_short_is_an_error_and_not_garbage(folder: Path) -> None:
    shelf = Shelf(folder, "a-")
    packed = shelf.pack(np.zeros(FEW))
    with (folder / packed.file).open("rb+") as file:
        file.truncate(1000)
    with pytest.raises(EOFError, match="shorter"):
        shelf.take(packed)
    with pytest.raises(FileNotFoundError):
        shelf.take(Packed(packed.pickled, "a-9", packed.sizes))


class FullDisk(FileIO):
    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_no_room_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode, buffering: FullDisk(path, mode))
    with pytest.raises(UserError, match=r"no room to hand 2 MB") as caught:
        Shelf(folder, "a-").pack(np.zeros(250_000))
    assert "Close other programs" in caught.value.hint
    assert not list(folder.iterdir())


def test_a_small_file_system_in_memory_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.shared_rows.ENOUGH", 10**18)
    folder = new_shelf_folder()
    assert IN_MEMORY not in folder.parents
    folder.rmdir()
