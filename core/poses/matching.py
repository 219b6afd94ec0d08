"""Matches between photos: which pairs are worth matching, and what each pair shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.poses.alike import alike_pairs, stand_ins_of
from core.poses.config import PoseConfig
from core.poses.features import Workspace, image_ids, read_features, threads
from core.poses.pair_memory import PairMemory
from core.poses.turning import only_turned
from core.progress import Progress

MATCHING = "Matching photos"

# Fewer verified matches than this are noise.
FEWEST_MATCHES = 8
# One call to the matcher takes the pairs between two groups of so many photos: it makes an index
# of each photo's features, in half the time of matching a pair, and forgets it when it returns.
GROUP = 12

Pair = tuple[int, int]


@dataclass(frozen=True)
class Overlap:
    """What two photos share: `first` < `second` are places in the capture.

    `matches`: verified matches. `flat`: one homography explains them, as when
    the camera only turned or all lies in one plane. `turned`: the camera only turned.
    """

    first: int
    second: int
    matches: int
    flat: bool
    turned: bool = False


def match_pairs(
    work: Workspace, pairs: Sequence[Pair], config: PoseConfig, *, guided: bool = False
) -> Iterator[Progress]:
    """Match and verify `pairs` of photos, given by their places in the capture.

    `guided`: search once more along the epipolar lines; far slower. Pairs known to
    `config.cache` are taken from there.
    """
    matching = pycolmap.FeatureMatchingOptions()
    matching.use_gpu = False
    matching.num_threads = threads()
    matching.guided_matching = guided
    verification = pycolmap.TwoViewGeometryOptions()
    verification.min_num_inliers = FEWEST_MATCHES
    verification.ransac.random_seed = config.seed
    # COLMAP's 3 goes on for twice as long, mostly with pairs that share nothing, and finds no more.
    verification.ransac.dyn_num_trials_multiplier = 1.0
    pairs_file = work.folder / "pairs.txt"
    pairing = pycolmap.ImportedPairingOptions()
    pairing.match_list_path = pairs_file
    memory = PairMemory(work, config, matching.summary() + verification.summary())
    missing = memory.recall(pairs)
    done = len(pairs) - len(missing)
    for batch in batches(missing, threads() if guided else GROUP * GROUP):
        yield Progress(MATCHING, done, len(pairs))
        lines = [f"{work.picture(i)} {work.picture(k)}" for i, k in batch]
        pairs_file.write_text("\n".join(lines), encoding="utf-8")
        pycolmap.match_image_pairs(
            work.database, matching, pairing, verification, device=pycolmap.Device.cpu
        )
        memory.keep(batch)
        done += len(batch)
    yield Progress(MATCHING, len(pairs), len(pairs))


def batches(pairs: Sequence[Pair], most: int) -> list[list[Pair]]:
    """`pairs` in batches of at most `most` that share photos: see `GROUP`."""
    ordered = sorted(pairs, key=lambda pair: (pair[0] // GROUP, pair[1] // GROUP, pair))
    found: list[list[Pair]] = []
    for _, group in groupby(ordered, key=lambda pair: (pair[0] // GROUP, pair[1] // GROUP)):
        block = list(group)
        # Thin blocks are put together.
        if found and len(found[-1]) + len(block) <= most:
            found[-1] += block
        else:
            found += [block[start : start + most] for start in range(0, len(block), most)]
    return found


def likely_pairs(work: Workspace, config: PoseConfig) -> list[Pair]:
    """Pairs worth matching: all of few photos, otherwise the `neighbors` most alike of each."""
    with pycolmap.Database.open(work.database) as database:
        ids = image_ids(database)
        if len(ids) <= config.all_pairs:
            return list(combinations(range(len(ids)), 2))
        stand_ins = [stand_ins_of(*read_features(database, image_id)) for image_id in ids]
    return alike_pairs(stand_ins, config.neighbors, config.seed)


def overlaps(work: Workspace) -> list[Overlap]:
    """What the database knows of each matched pair, those with too few matches left out."""
    flat_kinds = {
        int(pycolmap.TwoViewGeometryConfiguration.PLANAR),
        int(pycolmap.TwoViewGeometryConfiguration.PANORAMIC),
        int(pycolmap.TwoViewGeometryConfiguration.PLANAR_OR_PANORAMIC),
    }
    with pycolmap.Database.open(work.database) as database:
        place = {image_id: i for i, image_id in enumerate(image_ids(database))}
        found = []
        for pair_id, geometry in zip(*database.read_two_view_geometries(), strict=True):
            first, second = sorted(place[k] for k in pycolmap.pair_id_to_image_pair(pair_id))
            matches = len(geometry.inlier_matches)
            if matches >= FEWEST_MATCHES:
                flat = int(geometry.config) in flat_kinds
                turned = flat and _turned(database, pair_id, geometry.inlier_matches)
                found.append(Overlap(first, second, matches, flat, turned))
    return sorted(found, key=lambda overlap: (overlap.first, overlap.second))


def forget_pairs(work: Workspace, pairs: Sequence[Pair]) -> None:
    """Remove the matches of `pairs`, so that they can be matched in another way."""
    with pycolmap.Database.open(work.database) as database:
        ids = image_ids(database)
        for i, k in pairs:
            database.delete_matches(ids[i], ids[k])
            database.delete_two_view_geometry(ids[i], ids[k])


def _turned(database: pycolmap.Database, pair_id: int, matches: NDArray[np.uint32]) -> bool:
    ids = pycolmap.pair_id_to_image_pair(pair_id)
    cameras = [database.read_camera(database.read_image(k).camera_id) for k in ids]
    sizes = {(camera.width, camera.height) for camera in cameras}
    if len(sizes) > 1:
        return False
    focal = cameras[0].mean_focal_length() if cameras[0].has_prior_focal_length else None
    pixels = [
        database.read_keypoints(k)[matches[:, column], :2].astype(np.float64)
        for column, k in enumerate(ids)
    ]
    return only_turned(pixels[0], pixels[1], sizes.pop(), focal)
