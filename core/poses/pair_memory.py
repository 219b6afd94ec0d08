"""Matches of pairs that were matched in an earlier run, kept in the cache."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.poses.cache import Arrays, Cache, key_of
from core.poses.config import PoseConfig
from core.poses.features import Workspace, image_ids, read_features

Pair = tuple[int, int]
MATRICES = ("E", "F", "H")


class PairMemory:
    """What `config.cache` knows of pairs of the photos of `work`, whose features are found.

    A pair's name is made of both photos' features, cameras and the settings, so that
    matches of other features are never taken for its own.
    """

    def __init__(self, work: Workspace, config: PoseConfig, settings: str) -> None:
        self._work = work
        self._cache = Cache(config.cache)
        self._settings = ("matches", pycolmap.__version__, settings)
        self._names: dict[int, str] = {}

    def recall(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Write what is known of `pairs` to the database; those of which nothing is known.

        Pairs that the database holds already stay as they are.
        """
        if self._cache.folder is None:
            return list(pairs)
        missing = []
        with pycolmap.Database.open(self._work.database) as database:
            ids = image_ids(database)
            self._names = {i: _name(database, ids[i]) for i in sorted(set(chain(*pairs)))}
            with pycolmap.DatabaseTransaction(database):
                for pair in pairs:
                    if database.exists_matches(*_in_order(pair, ids)):
                        continue
                    known = self._cache.load(self._key(pair, ids))
                    if known is None:
                        missing.append(pair)
                    else:
                        _write(database, *_in_order(pair, ids), known)
        return missing

    def keep(self, pairs: Sequence[Pair]) -> None:
        """Store what the database has of `pairs`."""
        if self._cache.folder is None:
            return
        with pycolmap.Database.open(self._work.database) as database:
            ids = image_ids(database)
            for pair in pairs:
                found = _read(database, *_in_order(pair, ids))
                self._cache.store(self._key(pair, ids), found)

    def _key(self, pair: Pair, ids: Sequence[int]) -> str:
        first, second = sorted(pair, key=lambda i: ids[i])
        return key_of(*self._settings, self._names[first], self._names[second])


def _in_order(pair: Pair, ids: Sequence[int]) -> tuple[int, int]:
    """COLMAP matches the photo of the lower id with the other, which matters a little."""
    first, second = sorted(ids[i] for i in pair)
    return first, second


def _name(database: pycolmap.Database, image_id: int) -> str:
    camera = database.read_camera(database.read_image(image_id).camera_id)
    lens = camera.model.name, camera.width, camera.height, camera.has_prior_focal_length
    params = np.array(camera.params, np.float64)
    return key_of(*read_features(database, image_id), lens, params)


def _read(database: pycolmap.Database, first: int, second: int) -> Arrays:
    found: Arrays = {"matches": database.read_matches(first, second)}
    if database.exists_two_view_geometry(first, second):
        geometry = database.read_two_view_geometry(first, second)
        found["config"] = np.array(int(geometry.config), np.int64)
        found["inliers"] = geometry.inlier_matches
        for name in MATRICES:
            matrix = getattr(geometry, name)
            if matrix is not None:
                found[name] = np.asarray(matrix, np.float64)
    return found


def _write(database: pycolmap.Database, first: int, second: int, known: Arrays) -> None:
    database.write_matches(first, second, _indices(known["matches"]))
    if "inliers" in known:
        geometry = pycolmap.TwoViewGeometry()
        geometry.config = int(known["config"])
        geometry.inlier_matches = _indices(known["inliers"])
        for name in MATRICES:
            if name in known:
                setattr(geometry, name, known[name])
        database.write_two_view_geometry(first, second, geometry)


def _indices(matches: NDArray[np.generic]) -> NDArray[np.uint32]:
    return matches.astype(np.uint32).reshape(-1, 2)
