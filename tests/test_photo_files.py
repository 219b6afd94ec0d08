"""Finding photos: bad files are told, the others go on; junk is passed over; names are unique."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from core.capture.find import find_photos
from core.capture.pixels import Unusable, read_picture
from core.capture.sources import unique_names
from core.errors import UserError
from tests.pictures import find, reason, texture


def encoded(suffix: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    texture(width=640, height=480).save(buffer, suffix, **settings)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("suffix", "settings"),
    [
        ("JPEG", {"quality": 90}),
        ("JPEG", {"quality": 90, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("HEIF", {}),
    ],
)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.97])
def test_cut_off_files_are_told(
    tmp_path: Path, suffix: str, settings: dict[str, object], kept: float
) -> None:
    whole = encoded(suffix, **settings)
    texture(1).save(tmp_path / "good.png")
    (tmp_path / "cut.jpg").write_bytes(whole[: int(len(whole) * kept)])
    capture = find(tmp_path)
    assert [photo.name for photo in capture.photos] == ["good.png"]
    assert "damaged" in reason(capture, "cut.jpg")


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_jpeg_whose_end_was_made_up_is_told(tmp_path: Path, kept: float) -> None:
    whole = encoded("JPEG", quality=90)
    (tmp_path / "cut.jpg").write_bytes(whole[: int(len(whole) * kept)] + b"\xff\xd9")
    (tmp_path / "grey.jpg").write_bytes(b"")
    Image.new("RGB", (200, 200), (128, 128, 128)).save(tmp_path / "grey.jpg")
    capture = find(tmp_path)
    assert [photo.name for photo in capture.photos] == ["grey.jpg"]
    assert "lower part" in reason(capture, "cut.jpg")


def test_leniency_set_elsewhere_does_not_reach_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = encoded("JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unusable, match="cut off"):
        read_picture(tmp_path / "cut.jpg")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def bomb() -> bytes:
    """A PNG of a few bytes that announces 60000 x 60000 pixels."""
    image = bytearray(encoded("PNG"))
    image[16:24] = struct.pack(">II", 60000, 60000)
    image[29:33] = struct.pack(">I", zlib.crc32(bytes(image[12:29])))
    return bytes(image)


def test_unusable_files_are_told_and_the_others_go_on(tmp_path: Path) -> None:
    texture().save(tmp_path / "good.jpg")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "words.jpg").write_text("not a picture at all")
    (tmp_path / "bomb.png").write_bytes(bomb())
    (tmp_path / "raw.dng").write_bytes(b"II*\0")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    Image.new("RGB", (400, 63)).save(tmp_path / "low.png")
    Image.new("RGB", (20000, 3)).save(tmp_path / "hair.png")
    Image.new("RGB", (2000, 200)).save(tmp_path / "ribbon.png")
    Image.fromarray(np.zeros((90, 90), np.float32)).save(tmp_path / "floats.tif")
    (tmp_path / "clip.mp4").write_bytes(b"\0" * 100)
    capture = find(tmp_path)
    assert [photo.name for photo in capture.photos] == ["good.jpg"]
    told = {file.name: file.reason for file in capture.left_out}
    expected = {
        "empty.jpg": "empty",
        "words.jpg": "not a picture",
        "bomb.png": "too large",
        "raw.dng": "DNG files are not read",
        "dot.png": "too small",
        "low.png": "too small",
        "hair.png": "too small",
        "ribbon.png": "long and thin",
        "floats.tif": "floating-point",
        "clip.mp4": "cannot be played",
    }
    assert list(told) == sorted(expected)
    for name, words in expected.items():
        assert words in told[name], told[name]


def test_files_without_permission_are_told(tmp_path: Path) -> None:
    texture().save(tmp_path / "good.jpg")
    texture(1).save(tmp_path / "locked.jpg")
    (tmp_path / "locked.jpg").chmod(0)
    if os.access(tmp_path / "locked.jpg", os.R_OK):
        pytest.skip("this user may read everything")
    assert "permission" in reason(find(tmp_path), "locked.jpg")


def test_damaged_exif_does_not_matter(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    block = exif.tobytes()
    texture().save(tmp_path / "a.jpg", exif=block[:-3])
    texture(1).save(tmp_path / "b.jpg", exif=b"Exif\0\0" + b"\xff" * 40)
    assert len(find(tmp_path).photos) == 2


def test_folders_are_searched_below_only_where_their_top_holds_nothing(tmp_path: Path) -> None:
    top, below = tmp_path / "shoot", tmp_path / "shoot" / "below"
    below.mkdir(parents=True)
    texture(1).save(below / "b.jpg")
    assert [photo.name for photo in find(top).photos] == ["b.jpg"]
    texture(2).save(top / "a.jpg")
    assert [photo.name for photo in find(top).photos] == ["a.jpg"]


def test_junk_in_folders_is_passed_over_but_named_files_are_tried(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "IMG_1.AAE", "notes.txt", "data.json", "._a.jpg"):
        (tmp_path / name).write_bytes(b"junk")
    texture().save(tmp_path / "a.jpg")
    texture(1).save(tmp_path / "no suffix", "PNG")
    assert find(tmp_path).left_out == ()
    capture = find(tmp_path / "notes.txt", tmp_path / "no suffix", tmp_path / "a.jpg")
    assert [photo.name for photo in capture.photos] == ["a.jpg", "no suffix"]
    assert "not a picture" in reason(capture, "notes.txt")


def test_the_same_file_counts_once_and_live_clips_do_not(tmp_path: Path) -> None:
    texture().save(tmp_path / "IMG_1.HEIC")
    (tmp_path / "IMG_1.MOV").write_bytes(b"the moving half")
    capture = find(tmp_path, tmp_path / "IMG_1.HEIC")
    assert len(capture.photos) == 1
    assert capture.left_out == ()


def test_names_are_unique_whatever_the_order(tmp_path: Path) -> None:
    files = []
    for folder in ("left", "right"):
        (tmp_path / folder).mkdir()
        for name in ("1.jpg", "2.jpg"):
            files.append(tmp_path / folder / name)
    files += [tmp_path / "3.jpg"]
    for i, file in enumerate(files):
        texture(i).save(file)
    names = [photo.name for photo in find(*files).photos]
    assert names == ["3.jpg", "left-1.jpg", "left-2.jpg", "right-1.jpg", "right-2.jpg"]
    assert [photo.name for photo in find(*reversed(files)).photos] == names


def test_names_differ_in_more_than_case_and_from_taken_ones() -> None:
    paths = [
        Path("/x/a/1.jpg"),
        Path("/y/a/1.JPG"),
        Path("/z/2.jpg"),
        Path("/a-b/c"),
        Path("/a/b-c"),
    ]
    names = unique_names(paths, taken=["2.jpg"])
    assert names[paths[0]] == "x-a-1.jpg"
    assert names[paths[2]] == "z-2.jpg"
    assert len({name.casefold() for name in names.values()} | {"2.jpg"}) == len(paths) + 1


def test_nothing_to_use_says_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing is there"):
        find(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UserError, match=r"only \.txt"):
        find(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(UserError, match=r"a\.jpg: The file is empty"):
        find(tmp_path)
    with pytest.raises(UserError, match="no file or folder"):
        find(tmp_path / "gone")
    with pytest.raises(UserError, match="empty list"):
        list(find_photos([], tmp_path))
