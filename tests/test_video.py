"""Frames of videos: spread over the way, sharp and upright."""

import struct
from pathlib import Path

import cv2
import numpy as np

from core.capture.pixels import load_pixels
from core.capture.video import spread_choice
from tests.pictures import BLUE, GREEN, RED, YELLOW, corners, find, quarters, texture


def write_video(path: Path, frames: list[np.ndarray]) -> None:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()


def pan(count: int = 60, step: int = 4) -> list[np.ndarray]:
    wide = np.asarray(texture(0, 320 + count * step, 240))
    return [wide[:, i * step : i * step + 320] for i in range(count)]


def test_video_frames_are_spread_and_sharp(tmp_path: Path) -> None:
    frames = pan()
    for i in range(0, 60, 6):  # every third of the frames that are looked at
        frames[i] = cv2.GaussianBlur(frames[i], (0, 0), 5)
    write_video(tmp_path / "clip.mp4", frames)
    capture = find(tmp_path / "clip.mp4", work=tmp_path / "work")
    numbers = [int(photo.name.removeprefix("clip-")[:5]) for photo in capture.photos]
    assert 6 <= len(numbers) <= 12
    assert all(number % 6 for number in numbers)
    assert min(np.diff(numbers)) >= 3
    assert max(np.diff(numbers)) <= 12
    assert all(photo.path.parent == tmp_path / "work" / "frames" for photo in capture.photos)
    for photo, number in zip(capture.photos, numbers, strict=True):  # it is the frame it says
        pixels = load_pixels(photo).astype(float)
        near = range(max(0, number - 2), min(60, number + 3))
        assert number == min(near, key=lambda i: np.abs(pixels - frames[i]).mean())


def test_a_resting_camera_gives_one_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [np.asarray(texture())] * 30)
    assert len(find(tmp_path / "clip.mp4", work=tmp_path).photos) == 1


def test_video_rotation_is_applied(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_video(path, [np.asarray(quarters(320, 240))] * 10)
    one, minus_one, unit = (struct.pack(">i", n) for n in (0x10000, -0x10000, 0x40000000))
    zero, width = struct.pack(">i", 0), struct.pack(">i", 240 << 16)
    identity = one + zero * 3 + one + zero * 3 + unit
    quarter_turn = zero + one + zero + minus_one + zero * 2 + width + zero + unit
    content = path.read_bytes()
    at = content.index(identity, content.index(b"tkhd"))
    path.write_bytes(content[:at] + quarter_turn + content[at + len(identity) :])
    (photo,) = find(path, work=tmp_path).photos
    assert (photo.width, photo.height) == (240, 320)
    assert corners(load_pixels(photo)) == [BLUE, RED, YELLOW, GREEN]


def test_spread_choice_is_even_over_the_way_not_the_time() -> None:
    # Rests at the start, then moves: nearly all the choice lies in the moving half.
    way = np.concatenate([np.zeros(50), np.linspace(0, 0.8, 50)])
    chosen = spread_choice(way.tolist(), [1.0] * 100)
    assert len(chosen) == 10
    assert sum(i < 50 for i in chosen) == 0
    assert len(spread_choice(np.linspace(0, 100, 5000).tolist(), [1.0] * 5000)) == 60
    assert spread_choice([0.0, 0.0, 0.0], [1.0, 3.0, 2.0]) == [1]
