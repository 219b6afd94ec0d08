"""Points for cameras that came without: the photos' matches, triangulated from known places."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.capture.colmap_library import pycolmap
from core.capture.photos import Capture
from core.capture.pixels import fitted_size
from core.capture.reconstruction import Reconstruction
from core.pipeline.poses import MISFIT, misfit
from core.poses.adjust import adjust
from core.poses.answer import sparse_points
from core.poses.config import PoseConfig
from core.poses.features import Workspace, copy_photos, find_features, fresh_workspace
from core.poses.matching import likely_pairs, match_pairs
from core.progress import Progress

TRIANGULATING = "Triangulating points"
ADJUSTED = "The cameras that were given do not fit the photos; they were moved until they do."
LEAST_ANGLE = 1.0  # degrees between two rays of a point


def triangulate(
    capture: Capture, reconstruction: Reconstruction, work: Path, config: PoseConfig
) -> Iterator[Progress | Reconstruction]:
    """`reconstruction` with points of its photos, last.

    Its cameras stay as they are where they fit the photos; else they are bundle adjusted.
    Run it in a child process, as `core.poses.solve.solve`. No error is raised for too few.
    """
    names = {photo.name for photo in reconstruction.photos}
    placed = Capture(tuple(photo for photo in capture.photos if photo.name in names))
    pycolmap.set_random_seed(config.seed)
    workspace = fresh_workspace(work)
    count = len(placed.photos)
    yield from copy_photos(placed, workspace, config)
    _calibrate(placed, reconstruction, workspace, config)
    yield from find_features(workspace, count, config, careful=count <= config.few)
    yield from match_pairs(workspace, likely_pairs(workspace, config), config)
    yield Progress(TRIANGULATING, 0, 1)
    output = workspace.folder / "points"
    output.mkdir(exist_ok=True)
    options = pycolmap.IncrementalPipelineOptions()
    options.random_seed = config.seed
    options.triangulation.ignore_two_view_tracks = False
    options.triangulation.min_angle = LEAST_ANGLE

    def points_found(native: pycolmap.Reconstruction) -> pycolmap.Reconstruction:
        return pycolmap.triangulate_points(
            native, workspace.database, workspace.pictures, output, options=options
        )

    native = points_found(_known(placed, reconstruction, workspace))
    given = _with_points(reconstruction, native, placed, workspace)
    adjusted = given
    if misfit(given) > MISFIT:
        yield Progress("Adjusting the cameras", 0, 1)
        native = adjust(native, points_found)
        adjusted = _with_cameras(given, native, placed, workspace)
        adjusted = _with_points(adjusted, native, placed, workspace)
    yield Progress(TRIANGULATING, 1, 1)
    yield adjusted if 0 < misfit(adjusted) < misfit(given) else given


def _with_points(
    places: Reconstruction, native: pycolmap.Reconstruction, placed: Capture, work: Workspace
) -> Reconstruction:
    index = _index(places, placed, work)
    numbers = {image.image_id: index[image.name] for image in native.images.values()}
    return replace(places, points=sparse_points(native, work, numbers))


def _with_cameras(
    places: Reconstruction, native: pycolmap.Reconstruction, placed: Capture, work: Workspace
) -> Reconstruction:
    """`places` with the cameras of `native`, and a sentence about it."""
    index, photos = _index(places, placed, work), list(places.photos)
    for image in native.images.values():
        camera, number = np.eye(4), index[image.name]
        camera[:3] = image.cam_from_world().matrix()
        photos[number] = replace(photos[number], camera_from_scene=camera)
    return replace(places, photos=tuple(photos), warnings=(*places.warnings, ADJUSTED))


def _index(places: Reconstruction, placed: Capture, work: Workspace) -> dict[str, int]:
    """The number among `places` of each picture."""
    order = {photo.name: k for k, photo in enumerate(places.photos)}
    return {work.picture(i): order[photo.name] for i, photo in enumerate(placed.photos)}


def _calibrate(
    placed: Capture, reconstruction: Reconstruction, work: Workspace, config: PoseConfig
) -> None:
    """Give the database the known lenses: matches are verified by them.

    Photos of one size and camera share a lens there, that of the first: where the others'
    differ a little, as with autofocus, the points are off by as little.
    """
    lenses = {photo.name: photo.lens for photo in reconstruction.photos}
    with pycolmap.Database.open(work.database) as database:
        known: set[int] = set()
        for i, photo in enumerate(placed.photos):
            listed = database.read_image_with_name(work.picture(i))
            assert listed is not None
            if listed.camera_id in known:
                continue
            known.add(listed.camera_id)
            size = fitted_size(photo.width, photo.height, config.max_side)
            camera = lenses[photo.name].resized(*size).camera()
            camera.camera_id = listed.camera_id
            camera.has_prior_focal_length = True
            database.update_camera(camera)


def _known(
    placed: Capture, reconstruction: Reconstruction, work: Workspace
) -> pycolmap.Reconstruction:
    """The cameras in COLMAP's form, under the database's ids, at the size of the copies."""
    native = pycolmap.Reconstruction()
    places = {photo.name: photo for photo in reconstruction.photos}
    with pycolmap.Database.open(work.database) as database:
        for i, photo in enumerate(placed.photos):
            listed = database.read_image_with_name(work.picture(i))
            assert listed is not None
            place = places[photo.name]
            if not native.exists_camera(listed.camera_id):
                native.add_camera_with_trivial_rig(database.read_camera(listed.camera_id))
            image = pycolmap.Image(
                name=listed.name, camera_id=listed.camera_id, image_id=listed.image_id
            )
            image.points2D = pycolmap.Point2DList(
                [pycolmap.Point2D(row[:2]) for row in database.read_keypoints(listed.image_id)]
            )
            rigid = pycolmap.Rigid3d(place.camera_from_scene[:3])
            native.add_image_with_trivial_frame(image, rigid)
    return native
