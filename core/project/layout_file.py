"""The layout as JSON holds it, and back, to the last bit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.geometry.pose import Pose
from core.scene.cuts import Cut, Relabel
from core.scene.layout import HERE, Ground, Layout, Placement
from core.scene.regions import Balls, Box, Chosen, Floaters, How, Point, Prism, Region, Row

SKEW = 1e-6  # a rotation matrix may be that far from one


def layout_to_json(layout: Layout) -> dict[str, object]:
    """All of it; two layouts that are told alike are alike."""
    return {
        "placements": [
            {
                "id": each.id,
                "object": each.object_id,
                "pose": _pose_to_json(each.pose),
                "visible": each.visible,
                "name": each.name,
                "group": each.group,
            }
            for _, each in sorted(layout.placements.items())
        ],
        "removed": sorted(layout.removed),
        "ground": {
            "pose": _pose_to_json(layout.ground.scene_from_capture),
            "confirmed": layout.ground.confirmed,
            "metric": layout.ground.metric,
        },
        "cuts": [_cut_to_json(each) for each in layout.cuts],
        "next_id": layout.next_id,
        "shadows": layout.shadows,
    }


def layout_from_json(content: Any) -> Layout:
    """Raises KeyError, TypeError or ValueError where `content` is not what was written."""
    placements = [
        Placement(
            int(row["id"]), int(row["object"]), _pose(row["pose"]), bool(row["visible"]),
            str(row["name"]), int(row["group"]),
        )
        for row in content["placements"]
    ]  # fmt: skip
    ground = content["ground"]
    return Layout(
        {each.id: each for each in placements},
        frozenset(int(id_) for id_ in content["removed"]),
        Ground(_pose(ground["pose"]), bool(ground["confirmed"]), bool(ground["metric"])),
        tuple(_cut(row) for row in content["cuts"]),
        int(content["next_id"]),
        bool(content["shadows"]),
    )


def layout_of_version_3(content: Any) -> Any:
    """What a project of version 3 held, as it would be written now."""
    regions = [{"outside": False, **row} for row in content["erased"]]
    return {**content, "cuts": [{"region": row, "target": None} for row in regions]}


def layout_of_version_7(content: Any) -> Any:
    """What a project of version 7 held, as it would be written now."""
    return {**content, "shadows": True}


def relabels_to_json(relabels: Sequence[Relabel]) -> list[object]:
    """What JSON keeps of them."""
    return [_cut_to_json(each) for each in relabels]


def relabels_from_json(rows: Any) -> tuple[Relabel, ...]:
    """Raises KeyError, TypeError or ValueError where `rows` are not what was written."""
    found = tuple(_cut(row) for row in rows)
    if not all(isinstance(each, Relabel) for each in found):
        raise ValueError("what is gone says not whose it is")
    return tuple(each for each in found if isinstance(each, Relabel))


def _cut_to_json(cut: Cut) -> dict[str, object]:
    if not isinstance(cut, Relabel):
        return {"region": _region_to_json(cut), "target": None}
    sources = sorted(cut.sources)
    return {"region": _region_to_json(cut.region), "target": cut.target, "sources": sources}


def _cut(content: Any) -> Cut:
    region, target = _region(content["region"]), content["target"]
    if target is None:
        return region
    return Relabel(region, frozenset(int(id_) for id_ in content["sources"]), int(target))


def _pose_to_json(pose: Pose) -> dict[str, object] | None:
    if pose is HERE:
        return None
    return {
        "rotation": pose.rotation.tolist(),
        "translation": pose.translation.tolist(),
        "scale": pose.scale,
    }


def _pose(content: Any) -> Pose:
    if content is None:
        return HERE
    rotation = np.array(content["rotation"], np.float64)
    translation = np.array(content["translation"], np.float64)
    scale = float(content["scale"])
    if rotation.shape != (3, 3) or translation.shape != (3,) or not 0 < scale < np.inf:
        raise ValueError("a pose is no similarity")
    skew = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if not (skew < SKEW and np.linalg.det(rotation) > 0 and np.isfinite(translation).all()):
        raise ValueError("a pose's rotation is none")
    # Not tidied again: it was when it was committed, and would differ in its last bits.
    return Pose(rotation, translation, scale)


def _region_to_json(region: Region) -> dict[str, object]:
    if isinstance(region, Chosen):
        return {"steps": [[how.value, _region_to_json(each)] for how, each in region.steps]}
    objects = sorted(region.objects)
    match region:
        case Balls():
            centres = [part for centre in region.centres for part in centre]
            shape = {"balls": centres, "radii": list(region.radii), "outside": region.outside}
        case Box():
            shape = {
                "box": region.centre, "half": region.half, "turn": region.turn,
                "outside": region.outside,
            }  # fmt: skip
        case Prism():
            shape = {"camera": region.camera, "outline": region.outline}
        case Floaters():
            shape = {"floaters": region.strength}
    return {**shape, "objects": objects}


def _region(content: Any) -> Region:
    if "steps" in content:
        return Chosen(tuple((How(how), _region(row)) for how, row in content["steps"]))
    objects = frozenset(int(id_) for id_ in content["objects"])
    if "balls" in content:
        flat, radii = content["balls"], tuple(float(radius) for radius in content["radii"])
        if len(flat) != 3 * len(radii):
            raise ValueError("balls have as many radii as centres")
        centres = tuple(_point(flat[k : k + 3]) for k in range(0, len(flat), 3))
        return Balls(centres, radii, objects, bool(content["outside"]))
    if "floaters" in content:
        return Floaters(float(content["floaters"]), objects)
    if "camera" in content:
        first, second, third = content["camera"]
        corners = tuple((float(u), float(v)) for u, v in content["outline"])
        return Prism((_row(first), _row(second), _row(third)), corners, objects)
    first, second, third = content["turn"]
    turn = (_point(first), _point(second), _point(third))
    outside = bool(content["outside"])
    return Box(_point(content["box"]), _point(content["half"]), turn, outside, objects)


def _point(content: Any) -> Point:
    x, y, z = content
    return float(x), float(y), float(z)


def _row(content: Any) -> Row:
    a, b, c, d = content
    return float(a), float(b), float(c), float(d)
