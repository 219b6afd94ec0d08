"""From photos with lenses to flat pictures at training size, each with its view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.capture.lens import Lens, undistort, undistorted_pinhole
from core.capture.photos import Capture, Photo
from core.capture.pixels import fitted_size, load_pixels
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.geometry.camera import Pinhole, View
from core.pipeline.pages import Pages
from core.pipeline.split import Split
from core.progress import Progress

NOTHING = torch.zeros(0, 0, 3, dtype=torch.uint8)


@dataclass(frozen=True, eq=False)
class Flat:
    """An undistorted photo. `pixels` [H, W, 3] uint8; `place`: its pinhole as a COLMAP lens."""

    name: str
    pixels: Tensor
    view: View
    place: PlacedPhoto


@dataclass(frozen=True, eq=False)
class Pictures:
    """What training may see, and what it may not; `others` have a place, but no part in either."""

    train: tuple[Flat, ...]
    test: tuple[Flat, ...]
    places: tuple[PlacedPhoto, ...]


def flatten(
    capture: Capture,
    reconstruction: Reconstruction,
    split: Split,
    max_size: int,
    pages: Pages | None = None,
) -> Iterator[Progress | Pictures]:
    """Undistort the photos of `split`, one at a time, to at most `max_size` pixels a side.

    The `Pictures` come last; their `places` are all placed photos as pinholes, and their
    pixels are in memory, or in `pages`. Raises `UserError` for a photo that is gone.
    """
    photos = {photo.name: photo for photo in capture.photos}
    wanted = {*split.train, *split.test}
    flats: dict[str, Flat] = {}
    places: list[PlacedPhoto] = []
    cameras: dict[tuple[Lens, int, int], Pinhole] = {}
    for i, placed in enumerate(reconstruction.photos):
        yield Progress("Undistorting photos", i, len(reconstruction.photos), placed.name)
        photo = photos[placed.name]
        size = fitted_size(photo.width, photo.height, max_size)
        key = (placed.lens, *size)
        if key not in cameras:
            cameras[key] = undistorted_pinhole(placed.lens, *size)
        places.append(_flat_place(placed, cameras[key]))
        if placed.name in wanted:
            flats[placed.name] = _flat(photo, placed, cameras[key])
            if pages is not None:
                pages.write(flats[placed.name].pixels)
                flats[placed.name] = replace(flats[placed.name], pixels=NOTHING)
    yield Progress("Undistorting photos", len(places), len(places))
    if pages is not None:
        written = zip(flats.values(), pages.tensors(), strict=True)
        flats = {flat.name: replace(flat, pixels=pixels) for flat, pixels in written}
    yield Pictures(
        tuple(flats[name] for name in split.train),
        tuple(flats[name] for name in split.test),
        tuple(places),
    )


def bytes_of(capture: Capture, split: Split, max_size: int) -> int:
    """What the pictures of `flatten` will hold."""
    wanted = {*split.train, *split.test}
    sizes = [
        fitted_size(photo.width, photo.height, max_size)
        for photo in capture.photos
        if photo.name in wanted
    ]
    return sum(3 * width * height for width, height in sizes)


def flat_photo(photo: Photo, placed: PlacedPhoto, max_size: int) -> Flat:
    """`photo` undistorted, to at most `max_size` pixels a side, as `flatten` does it.

    Raises `UserError` for a photo that is gone.
    """
    size = fitted_size(photo.width, photo.height, max_size)
    return _flat(photo, placed, undistorted_pinhole(placed.lens, *size))


def view_of(camera: Pinhole, placed: PlacedPhoto) -> View:
    """What `camera` sees from the place of `placed`; float32."""
    return View(camera, torch.from_numpy(placed.camera_from_scene).float())


def pinhole_lens(camera: Pinhole) -> Lens:
    """`camera` as COLMAP's PINHOLE."""
    params = (camera.fx, camera.fy, camera.cx, camera.cy)
    return Lens("PINHOLE", camera.width, camera.height, params)


def views_of(places: Sequence[PlacedPhoto]) -> list[View]:
    """The views of `places`, whose lenses are undistorted where they are not pinholes."""
    return [
        view_of(undistorted_pinhole(place.lens, place.lens.width, place.lens.height), place)
        for place in places
    ]


def _flat(photo: Photo, placed: PlacedPhoto, camera: Pinhole) -> Flat:
    # Twice the size: undistorting resamples, and should have something to average.
    pixels = load_pixels(photo, 2 * max(camera.width, camera.height))
    flat, _ = undistort(pixels, placed.lens, camera)
    view, place = view_of(camera, placed), _flat_place(placed, camera)
    return Flat(photo.name, torch.from_numpy(flat.copy()), view, place)


def _flat_place(placed: PlacedPhoto, camera: Pinhole) -> PlacedPhoto:
    return PlacedPhoto(placed.name, pinhole_lens(camera), placed.camera_from_scene)
