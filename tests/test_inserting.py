"""Things of elsewhere: read from what other programs write, and put on the floor, upright."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.capture.photos import Capture
from core.errors import UserError
from core.export.glb_container import Buffer
from core.export.ply import write_ply
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.provenance import Origin
from core.geometry.pose import Pose
from core.mesh.painted import Painted, strewn
from core.project.folder import Project, save_project
from core.scene.arrange import moved_by, shift
from core.scene.collisions import Body, overlap
from core.scene.inserting import Thing, inserted, read_thing, things_in
from core.scene.inserting_spot import Spot
from core.scene.layout import FIRST_INSERTED, HERE, Ground, Layout
from core.scene.layout_edits import Delete, Move
from core.scene.plan import Plan
from core.scene.resting import rested
from core.segment.labels import Role, SceneObject
from core.segment.masks import Masks
from tests.hidden_wall import placed
from tests.layouts import replayed, some_pose
from tests.test_arrange import shapes, tilted

BOX = np.array([[x, y, z] for x in (0, 1.0) for y in (0, 2.0) for z in (0, 1.0)])
SIDES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
     [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)  # fmt: skip


def box_glb(path: Path) -> None:
    """A red box, 1 by 2 by 1 metres, 3 to the side and half as large as its mesh says."""
    buffer = Buffer()
    primitive = {
        "attributes": {"POSITION": buffer.array(BOX.astype(np.float32), bounded=True)},
        "indices": buffer.array(SIDES.astype(np.uint16).reshape(-1), target=34963),
        "material": 0,
    }
    red = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}
    node = {"mesh": 0, "translation": [3, 0, 0], "scale": [0.5, 0.5, 0.5]}
    content = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [node],
        "meshes": [{"primitives": [primitive]}], "materials": [red],
    }  # fmt: skip
    buffer.write(path, content)


def box(count: int) -> SplatArrays:
    return strewn([Painted(BOX[SIDES], np.ones((12, 3, 3), np.float32))], count)


def on_box(points: np.ndarray, corner: np.ndarray, size: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """How far points are from the surface of a box."""
    at = (points - corner) / size
    inside = np.minimum(np.abs(at), np.abs(at - 1)).min(axis=1)
    assert (at > -1e-5).all()
    assert (at < 1 + 1e-5).all()
    return np.asarray(inside)


def test_a_mesh_of_another_program_is_read_with_its_colours(tmp_path: Path) -> None:
    box_glb(tmp_path / "box.glb")
    assert things_in(tmp_path / "box.glb") == ((0, "box"),)
    thing = read_thing(tmp_path / "box.glb", 0)
    assert thing.metric
    corner, size = np.array([3.0, 0, 0]), np.array([0.5, 1.0, 0.5])
    assert on_box(thing.splats.means.astype(float), corner, size).max() < 1e-5
    color = thing.splats.sh[:, 0] * 0.28209479 + 0.5
    np.testing.assert_allclose(color, np.broadcast_to([1, 0, 0], color.shape), atol=1e-5)


def test_discs_are_strewn_evenly_and_face_outwards() -> None:
    colors = np.ones((len(SIDES), 3, 3), np.float32)
    splats = strewn([Painted(BOX[SIDES], colors)], 2000)
    assert len(splats) == pytest.approx(2000, rel=0.01)
    for axis, area in ((0, 2.0), (1, 1.0), (2, 2.0)):
        for side in (0.0, BOX[:, axis].max()):
            share = np.mean(np.abs(splats.means[:, axis] - side) < 1e-5)
            assert share == pytest.approx(area / 10, abs=0.01)
    assert not len(strewn([Painted(np.zeros((2, 3, 3)), np.ones((2, 3, 3), np.float32))]))


def test_a_picture_on_a_mesh_is_taken_where_it_lies() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0, 0], picture[0, 1], picture[1] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    corners = np.array([[[0, 0, 0], [1, 0, 0], [0, 0, 1]], [[1, 0, 0], [1, 0, 1], [0, 0, 1.0]]])
    white = np.ones((2, 3, 3), np.float32)
    along = corners[..., [0, 2]].astype(np.float32)
    splats = strewn([Painted(corners, white, along, picture)], 400)
    color = splats.sh[:, 0] * 0.28209479 + 0.5
    x, z = splats.means[:, 0], splats.means[:, 2]
    inner = (np.abs(x - 0.5) > 1e-3) & (np.abs(z - 0.5) > 1e-3)
    np.testing.assert_allclose(color[inner, 2], z[inner] > 0.5, atol=1e-4)
    red = (z[inner] < 0.5) & (x[inner] < 0.5)
    np.testing.assert_allclose(color[inner, 0], red, atol=1e-4)


@pytest.mark.parametrize("metric", [True, False])
def test_a_thing_stands_on_its_foot_where_it_is_put(metric: bool) -> None:
    thing = Thing(
        "box", strewn([Painted(BOX[SIDES] + 5, np.ones((12, 3, 3), np.float32))], 3000), True
    )
    scene_from_capture = replace(some_pose(random.Random(3)))
    at = np.array([0.4, 0.0, -0.7])
    spot = Spot(at, 8.0, scene_from_capture.inverse(), metric)
    addition = inserted(thing, FIRST_INSERTED, spot)
    assert (addition.splats.origin == Origin.IMAGINED).all()
    there = scene_from_capture.apply(addition.splats.means.astype(float))
    # Else a quarter of 8 units, from where it is looked at: the same here.
    size = np.array([1.0, 2.0, 1.0])
    np.testing.assert_allclose(there.min(axis=0), at - size * [0.5, 0, 0.5], atol=0.02)
    np.testing.assert_allclose(there.max(axis=0), at + size * [0.5, 1, 0.5], atol=0.02)
    with pytest.raises(ValueError, match="captured"):
        inserted(thing, 3, spot)


def test_an_object_of_a_project_comes_as_its_own_layout_has_it(tmp_path: Path) -> None:
    one = box(500).to_gaussians()
    two = moved(one, Pose(np.eye(3), np.array([0.0, 7.0, 0.0])))
    rows = replace(one, object_id=torch.full((len(one),), 2)).followed_by(
        replace(two, object_id=torch.full((len(two),), 3))
    )
    vase = SceneObject(2, "Vase", "#ff0000", Role.OBJECT)
    masks = Masks(objects=(*Masks().objects, vase), next_id=3)
    ground = Ground(Pose(np.eye(3), np.array([0, 1.0, 0]), 2.0), True, True)
    layout = replace(replayed([Delete((2,))]), ground=ground)
    project = Project(
        Capture(()), placed(()), rows, torch.zeros(0, 2, 3), (), masks=masks, layout=layout
    )
    save_project(tmp_path / "a.maquette", project)
    assert things_in(tmp_path / "a.maquette") == ((2, "Vase"), (3, "Object 3"))
    thing = read_thing(tmp_path / "a.maquette" / "manifest.json", 2)
    assert thing.metric
    assert thing.name == "Vase"
    np.testing.assert_allclose(thing.splats.means.max(axis=0), [2, 5, 2], atol=0.02)


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.ply").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError):
        read_thing(tmp_path / "a.ply", 0)
    empty = strewn([])
    spot = Spot(np.zeros(3), 1.0, Pose.identity(), False)
    with pytest.raises(UserError, match="nothing of"):
        inserted(Thing("x", empty), FIRST_INSERTED, spot)
    write_ply(tmp_path / "b.ply", box(50).to_gaussians())
    assert not read_thing(tmp_path / "b.ply", 0).metric


@pytest.mark.parametrize("layout", [Layout(), tilted()], ids=["plain", "tilted"])
def test_a_thing_within_another_is_put_beside_it_and_onto_the_floor(layout: Layout) -> None:
    things = shapes()
    inside = things.placed(layout, 3).mean(axis=0) - things.placed(layout, 2).mean(axis=0)
    plan = Move(moved_by(layout, (2,), shift(inside))).apply(Plan(layout=layout))
    rest = Body(things.placed(plan.layout, 3))
    assert overlap(Body(things.placed(plan.layout, 2)), HERE, rest, HERE) > 0.02
    poses = rested(plan.layout, things, (2,), (3, 4))
    later = Move(poses).apply(plan).layout
    assert overlap(Body(things.placed(later, 2)), HERE, rest, HERE) < 0.02
    box = things.box(later, (2,))
    assert box is not None
    assert box[0][1] == pytest.approx(0, abs=0.02)
