"""Reading photos: every kind upright and as RGB; how good they are; what EXIF says."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from core.capture.exif import focal_px
from core.capture.photos import Capture, all_alike
from core.capture.pixels import fitted_size, load_pixels, normalised_copy, upright_size
from core.errors import UserError
from tests.pictures import BLUE, GREEN, RED, YELLOW, corners, find, quarters, texture


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "heic", "bmp"])
def test_every_format_is_read(tmp_path: Path, suffix: str) -> None:
    quarters().save(tmp_path / f"photo.{suffix}")
    (photo,) = find(tmp_path).photos
    assert (photo.width, photo.height) == (160, 96)
    pixels = load_pixels(photo)
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert corners(pixels) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "heic"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path: Path, suffix: str, orientation: int) -> None:
    transposed = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored so that turning by 270 makes it upright
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters(1600, 960) if suffix == "jpg" else quarters()
    upright = stored.size
    if orientation > 1:
        stored = stored.transpose(transposed[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{suffix}"
    stored.save(path, exif=exif.tobytes())  # the HEIF writer turns by bytes only
    (photo,) = find(path).photos
    assert (photo.width, photo.height) == upright == upright_size(path)
    assert corners(load_pixels(photo)) == [RED, GREEN, BLUE, YELLOW]
    small = load_pixels(photo, 100)
    assert small.shape == (60, 100, 3)
    assert corners(small) == [RED, GREEN, BLUE, YELLOW]


def test_all_kinds_of_pixels_become_rgb(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 1, 128), (96, 1))
    grey8 = Image.fromarray((ramp * 255).astype(np.uint8))
    files = {
        "grey.png": grey8,
        "grey16.png": Image.fromarray((ramp * 65535).astype(np.uint16)),
        "grey16.tif": Image.fromarray((ramp * 65535).astype(np.uint16)),
        "cmyk.jpg": grey8.convert("RGB").convert("CMYK"),
        "palette.png": grey8.convert("P"),
        "bits.png": grey8.point(lambda v: 255 * (v > 127)).convert("1"),
    }
    for name, image in files.items():
        image.save(tmp_path / name)
    deep = np.repeat((ramp * 65535).astype(np.uint16)[..., None], 3, axis=2)
    cv2.imwrite(str(tmp_path / "rgb16.png"), deep)
    cv2.imwrite(str(tmp_path / "rgb16.tif"), deep)
    capture = find(tmp_path)
    assert not capture.left_out
    assert len(capture.photos) == 8
    for photo in capture.photos:
        pixels = load_pixels(photo).astype(float)
        expected = ramp > 0.5 if photo.name == "bits.png" else ramp
        assert np.abs(pixels - 255 * expected[..., None]).max() < 6, photo.name


def test_transparent_pixels_are_white(tmp_path: Path) -> None:
    image = quarters().convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.arange(160) < 80, (96, 1)).astype(np.uint8) * 255))
    image.save(tmp_path / "cut.png")
    (photo,) = find(tmp_path).photos
    pixels = load_pixels(photo)
    assert (pixels[:, 80:] == 255).all()
    assert tuple(pixels[10, 10]) == RED


def test_first_page_serves(tmp_path: Path) -> None:
    quarters().save(tmp_path / "pages.tif", save_all=True, append_images=[texture()])
    other = texture(width=160, height=96)
    quarters().save(tmp_path / "moving.webp", save_all=True, append_images=[other])
    for photo in find(tmp_path).photos:
        assert corners(load_pixels(photo)) == [RED, GREEN, BLUE, YELLOW]


def test_resizing_keeps_the_mean_and_never_enlarges(tmp_path: Path) -> None:
    texture(width=1000, height=700).save(tmp_path / "a.png")
    (photo,) = find(tmp_path).photos
    whole, small = load_pixels(photo), load_pixels(photo, 100)
    assert small.shape == (70, 100, 3)
    assert np.abs(whole.mean((0, 1)) - small.mean((0, 1))).max() < 1
    assert load_pixels(photo, 5000).shape == whole.shape
    assert fitted_size(4032, 3024, 1600) == (1600, 1200)
    assert fitted_size(3024, 4032, 1600) == (1200, 1600)


def test_normalised_copy_is_plain(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    quarters().transpose(Image.Transpose.ROTATE_90).save(
        tmp_path / "turned.heic", exif=exif.tobytes()
    )
    (photo,) = find(tmp_path / "turned.heic").photos
    for suffix in ("jpg", "png"):
        path = tmp_path / "deep" / f"copy.{suffix}"
        assert normalised_copy(photo, path, 80) == (80, 48)
        with Image.open(path) as image:
            assert not image.getexif()
            assert image.mode == "RGB"
            assert corners(np.asarray(image)) == [RED, GREEN, BLUE, YELLOW]


def test_a_file_changed_since_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    texture().save(path)
    (photo,) = find(path).photos
    quarters().save(path)
    with pytest.raises(UserError, match="was 320 x 240 pixels and is now 160 x 96"):
        load_pixels(photo)
    path.unlink()
    with pytest.raises(UserError, match="can no longer be read"):
        load_pixels(photo)


def test_doubles_are_told_and_kept(tmp_path: Path) -> None:
    original = texture(0, 800, 600)
    original.save(tmp_path / "a.png")
    original.save(tmp_path / "b.jpg", quality=50)
    original.resize((400, 300), Image.Resampling.BICUBIC).save(tmp_path / "c.png")
    texture(1, 800, 600).save(tmp_path / "d.png")
    capture = find(tmp_path)
    doubles = [photo.quality.duplicate_of for photo in capture.photos]
    assert doubles == [None, "a.png", "a.png", None]
    assert not all_alike(capture)
    assert all_alike(Capture(capture.photos[:3]))
    assert not all_alike(Capture(capture.photos[:1]))


def test_blurred_dark_and_burnt_photos_show(tmp_path: Path) -> None:
    for i in range(4):
        texture(i).save(tmp_path / f"{i}.png")
    texture(4).filter(ImageFilter.GaussianBlur(6)).save(tmp_path / "blurred.png")
    texture(5).point(lambda v: v // 8).save(tmp_path / "dark.png")
    texture(6).point(lambda v: min(255, v * 8)).save(tmp_path / "white.png")
    quality = {photo.name: photo.quality for photo in find(tmp_path).photos}
    assert [name for name, q in quality.items() if q.blurred] == ["blurred.png"]
    assert quality["dark.png"].exposure < 0.1 < quality["0.png"].exposure
    assert quality["white.png"].clipped > 0.5


def test_no_two_photos_of_real_captures_are_doubles(shared_data: Path, tmp_path: Path) -> None:
    for capture, count in (("fox", 50), ("kitchen", 25), ("fountain-P11", 11)):
        photos = find(shared_data / capture, work=tmp_path).photos
        assert len(photos) == count
        assert not any(photo.quality.duplicate_of or photo.quality.blurred for photo in photos)


def exif_of(camera: tuple[str, str], **block: float) -> Image.Exif:
    tags = {"focal": 0x920A, "focal35": 0xA405, "density": 0xA20E, "unit": 0xA210, "taken": 0xA002}
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = camera
    exif.get_ifd(0x8769).update({tags[name]: value for name, value in block.items()})
    return exif


@pytest.mark.parametrize("suffix", ["jpg", "heic", "png"])
def test_focal_length_and_camera_come_from_exif(tmp_path: Path, suffix: str) -> None:
    exif = exif_of(("Apple", "iPhone 12"), focal=4.2, focal35=26)
    texture(width=400, height=300).save(tmp_path / f"a.{suffix}", exif=exif)
    (photo,) = find(tmp_path).photos
    assert photo.camera == "Apple iPhone 12"
    # 500 pixels of diagonal are 43.27 mm of film.
    assert photo.focal_px == pytest.approx(26 * 500 / 43.2666, rel=1e-4)


def test_focal_length_from_the_sensor_and_its_limits() -> None:
    # 4000 pixels over 8 mm: 500 a millimetre, 12700 an inch; the photo was halved since.
    exif = exif_of(("Canon", "Canon EOS"), focal=6.0, density=12700.0, taken=4000)
    assert focal_px(exif, 2000, 1500) == pytest.approx(6.0 * 500 / 2)
    assert focal_px(exif, 1500, 2000) == pytest.approx(6.0 * 500 / 2)
    assert focal_px(exif_of(("", ""), focal35=2), 2000, 1500) is None
    assert focal_px(exif_of(("", ""), focal35=900), 2000, 1500) is None
    assert focal_px(exif_of(("", ""), focal35=0), 2000, 1500) is None
    assert focal_px(Image.Exif(), 2000, 1500) is None
