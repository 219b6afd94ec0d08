"""Normalised copies of the photos, and the features found in them, in a COLMAP database."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.capture.lens import Lens
from core.capture.photos import Capture, Photo
from core.capture.pixels import fitted_size, normalised_copy
from core.poses.cache import Cache, key_of
from core.poses.config import USUAL_FOCAL_LENGTHS, PoseConfig
from core.poses.quick import quick_features
from core.progress import Progress

READING = "Reading photos"
SEARCHING = "Finding features"
# Photos of one call to the extractor, for each thread: the last of a call leave threads idle.
PHOTOS_A_THREAD = 2


@dataclass(frozen=True)
class Workspace:
    """Where the solver keeps its files; photo i of the capture is `picture(i)` there."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "features.db"

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    @staticmethod
    def picture(index: int) -> str:
        # Numbers, not the photos' names: those may hold anything, in any encoding. And BMP, which
        # takes no time to write and to read.
        return f"{index:05d}.bmp"


def threads() -> int:
    """How many photos or pairs are worked on at once: one for each core, within reason."""
    return min(os.cpu_count() or 1, 16)


def fresh_workspace(folder: Path) -> Workspace:
    """An empty workspace in `folder`; what an earlier run left there is removed."""
    work = Workspace(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work.pictures, ignore_errors=True)
    for leftover in folder.glob("features.db*"):
        leftover.unlink()
    work.pictures.mkdir()
    return work


def copy_photos(capture: Capture, work: Workspace, config: PoseConfig) -> Iterator[Progress]:
    """Write the upright RGB copies and list them with their cameras in the database.

    Photos of the same size and camera share one lens: with a lens for each photo,
    few photos cannot be solved. Raises `UserError` for a photo that has gone.
    """
    for i, photo in enumerate(capture.photos):
        yield Progress(READING, i, len(capture.photos), photo.name)
        normalised_copy(photo, work.pictures / work.picture(i), config.max_side)
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, photo in enumerate(capture.photos):
        focal = round(photo.focal_px or 0.0)
        groups[photo.width, photo.height, photo.camera, focal].append(i)
    with pycolmap.Database.open(work.database) as database:
        # Opened once by ourselves so that the file exists with its tables.
        assert database.num_images() == 0
    for members in groups.values():
        _list_photos(work, capture.photos[members[0]], members, config)


def find_features(
    work: Workspace, count: int, config: PoseConfig, careful: bool, *, quick: bool = False
) -> Iterator[Progress]:
    """SIFT for the `count` photos of the database, in place of what it had, on all cores.

    `careful`: affine shape and domain-size pooling (three times slower), which
    carry across the wide baselines of few photos. `quick`: OpenCV's, enough for
    photos that overlap well. Features found in `config.cache` are taken from there.
    """
    cache = Cache(config.cache)
    keys: dict[int, str] = {}
    missing = []
    with pycolmap.Database.open(work.database) as database:
        database.clear_keypoints()
        database.clear_descriptors()
        database.clear_matches()
        database.clear_two_view_geometries()
        ids = image_ids(database)
        for i in range(count):
            if config.cache is not None:
                keys[i] = _features_key(work.pictures / work.picture(i), careful, quick)
            known = cache.load(keys.get(i, ""))
            if known is None:
                missing.append(i)
            else:
                write_features(database, ids[i], known["keypoints"], known["descriptors"])
    steps = _quickly(work, missing) if quick else _by_colmap(work, missing, careful)
    done = count - len(missing)
    yield Progress(SEARCHING, done, count)
    for found in steps:
        with pycolmap.Database.open(work.database) as database:
            for i in found:
                if i in keys:
                    keypoints, descriptors = read_features(database, ids[i])
                    cache.store(keys[i], {"keypoints": keypoints, "descriptors": descriptors})
        done += len(found)
        yield Progress(SEARCHING, done, count)


def _by_colmap(work: Workspace, photos: Sequence[int], careful: bool) -> Iterator[Sequence[int]]:
    """Fill the database with COLMAP's features of `photos`, a few at a time, telling which."""
    options = pycolmap.FeatureExtractionOptions()
    options.use_gpu = False
    options.num_threads = threads()
    if careful:
        options.sift.estimate_affine_shape = True
        options.sift.domain_size_pooling = True
    else:
        options.sift.max_num_features = 4096
    step = threads() * PHOTOS_A_THREAD
    for start in range(0, len(photos), step):
        batch = photos[start : start + step]
        pycolmap.extract_features(
            work.database,
            work.pictures,
            image_names=[work.picture(i) for i in batch],
            extraction_options=options,
            device=pycolmap.Device.cpu,
        )
        yield batch


def _quickly(work: Workspace, photos: Sequence[int]) -> Iterator[Sequence[int]]:
    """Fill the database with OpenCV's features of `photos`, telling which are done."""
    for i in photos:
        grey = cv2.imread(str(work.pictures / work.picture(i)), cv2.IMREAD_GRAYSCALE)
        assert grey is not None
        keypoints, descriptors = quick_features(np.asarray(grey, np.uint8))
        with pycolmap.Database.open(work.database) as database:
            image = database.read_image_with_name(work.picture(i))
            assert image is not None
            write_features(database, image.image_id, keypoints, descriptors)
        yield [i]


def read_features(
    database: pycolmap.Database, image_id: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Keypoints [F, 6] (x, y and affine shape) and descriptors [F, 128] of a photo."""
    return database.read_keypoints(image_id), database.read_descriptors(image_id).data


def write_features(
    database: pycolmap.Database,
    image_id: int,
    keypoints: NDArray[np.generic],
    descriptors: NDArray[np.generic],
) -> None:
    """The reverse of `read_features`."""
    database.write_keypoints(image_id, keypoints)
    kind = pycolmap.FeatureExtractorType.SIFT
    database.write_descriptors(image_id, pycolmap.FeatureDescriptors(type=kind, data=descriptors))


def image_ids(database: pycolmap.Database) -> list[int]:
    """The database's id of each photo, in the order of the capture."""
    found = {image.name: image.image_id for image in database.read_all_images()}
    return [found[name] for name in sorted(found)]


def _list_photos(work: Workspace, photo: Photo, members: list[int], config: PoseConfig) -> None:
    """Add the photos `members`, all like `photo`, with one camera for all of them."""
    lens, known = _expected_lens(photo, config)
    options = pycolmap.ImageReaderOptions()
    options.camera_model = lens.model
    options.camera_params = ",".join(repr(value) for value in lens.params)
    pycolmap.import_images(
        work.database,
        work.pictures,
        camera_mode=pycolmap.CameraMode.SINGLE,
        image_names=[work.picture(i) for i in members],
        options=options,
    )
    with pycolmap.Database.open(work.database) as database:
        image = database.read_image_with_name(work.picture(members[0]))
        assert image is not None
        camera = database.read_camera(image.camera_id)
        camera.has_prior_focal_length = known
        database.update_camera(camera)


def _expected_lens(photo: Photo, config: PoseConfig) -> tuple[Lens, bool]:
    """The lens to start from for the copy of `photo`, and whether its focal length is known."""
    width, height = fitted_size(photo.width, photo.height, config.max_side)
    if config.lens is not None:
        return config.lens.resized(width, height), True
    focal = USUAL_FOCAL_LENGTHS[0] * max(width, height)
    if photo.focal_px is not None:
        focal = photo.focal_px * width / photo.width
    center = (width / 2.0, height / 2.0)
    return Lens("SIMPLE_RADIAL", width, height, (focal, *center, 0.0)), photo.focal_px is not None


def _features_key(picture: Path, careful: bool, quick: bool) -> str:
    """The name of what is found in the copy `picture`, which holds the photo's pixels."""
    libraries = pycolmap.__version__, cv2.__version__
    return key_of("features", picture.read_bytes(), careful, quick, libraries)
