"""Programs from outside read our files: Khronos' validator, splat-transform, trimesh, open3d."""

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from core.export.any_file import read_splats
from core.export.compressed_ply_writer import write_compressed_ply
from core.export.glb import Part, write_glb
from core.export.spz import write_spz
from core.gaussians.arrays import SplatArrays
from core.mesh.values import Surface, TexturedMesh
from tests.test_compressed_ply import splats
from tests.test_readers import SPLAT_TRANSFORM
from tests.test_spz import small_colors

VALIDATOR = "gltf-validator@2.0.0-dev.3.10"
ASSIMPJS = "assimpjs@0.0.10"
SCRIPT = """
const validator = require('gltf-validator');
const bytes = new Uint8Array(require('fs').readFileSync(process.argv[2]));
validator.validateBytes(bytes, {maxIssues: 0}).then(r => console.log(JSON.stringify(r.issues)));
"""
# All that is said of an extension that the validator does not know.
ALLOWED = {"UNSUPPORTED_EXTENSION", "MESH_PRIMITIVE_INVALID_ATTRIBUTE"}

pytestmark = pytest.mark.external


def box(size: float, shift: float) -> TexturedMesh:
    """A box of six sides with a picture of stripes, half of which nobody saw."""
    corners, normals, faces = [], [], []
    for axis, sign in itertools.product(range(3), (-1, 1)):
        u, v = np.roll(np.eye(3), axis, axis=0)[1:] * size
        normal = np.roll(np.eye(3), axis, axis=0)[0] * sign
        start = len(corners)
        quad = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        corners += [normal * size + a * u + b * v + shift for a, b in quad]
        normals += [normal] * 4
        turn = np.cross(u, v) @ normal > 0
        order = [[0, 1, 2], [0, 2, 3]] if turn else [[0, 2, 1], [0, 3, 2]]
        faces += (np.array(order) + start).tolist()
    surface = Surface(np.array(corners, "f4"), np.array(normals, "f4"), np.array(faces, "i4"))
    texture = np.zeros((64, 64, 3), np.uint8)
    texture[:, ::8] = (250, 120, 20)
    uvs = np.tile(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], "f4"), (6, 1))
    return TexturedMesh(surface, uvs, texture, np.arange(64)[:, None].repeat(64, 1) > 31)


@pytest.fixture
def meshes(tmp_path: Path) -> Path:
    path = tmp_path / "meshes.glb"
    write_glb(
        path, [Part("Box", 1, mesh=box(0.5, 0)), Part("Dice", 2, mesh=box(0.1, 2))], metric=True
    )
    return path


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Khronos' validator in it."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("needs npm and node")
    folder = tmp_path_factory.mktemp("validator")
    command = ["npm", "install", "--no-audit", "--no-fund", VALIDATOR]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    (folder / "run.js").write_text(SCRIPT)
    return folder


def issues(validator: Path, file: Path) -> dict[str, int]:
    """How often the validator says each of its codes, hints aside."""
    command = ["node", "run.js", str(file)]
    done = subprocess.run(command, cwd=validator, check=True, capture_output=True, timeout=120)
    counts: dict[str, int] = {}
    for message in json.loads(done.stdout)["messages"]:
        if message["severity"] <= 1 or message["code"] == "UNSUPPORTED_EXTENSION":
            counts[message["code"]] = counts.get(message["code"], 0) + 1
    return counts


def test_meshes_are_valid(validator: Path, meshes: Path) -> None:
    assert issues(validator, meshes) == {}


def test_of_gaussians_only_the_extension_is_new_to_it(validator: Path, tmp_path: Path) -> None:
    arrays = SplatArrays.from_gaussians(splats(300, 3))
    write_glb(tmp_path / "a.glb", [Part("a", 1, arrays), Part("b", 2, arrays)], metric=True)
    assert issues(validator, tmp_path / "a.glb").keys() == ALLOWED
    write_glb(tmp_path / "b.glb", [Part("a", 1, arrays, box(1, 0))], metric=False)
    assert issues(validator, tmp_path / "b.glb").keys() == ALLOWED


def test_trimesh_reads_names_places_and_pictures(meshes: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    found = trimesh.load(meshes)
    assert {"Box", "Dice"} <= set(found.graph.nodes)
    assert np.allclose(found.bounds, [[-0.5] * 3, [2.1] * 3])
    transform, name = found.graph["Dice"]
    assert np.allclose(transform[:3, 3], [2, 1.9, 2])
    material = found.geometry[name].visual.material
    assert material.baseColorTexture.size == (64, 64)
    assert material.metallicFactor == 0


def test_open3d_reads_meshes_with_their_pictures(meshes: Path, open3d: ModuleType) -> None:
    model = open3d.io.read_triangle_model(str(meshes))
    assert len(model.meshes) == 2
    assert sum(len(each.mesh.triangles) for each in model.meshes) == 24
    assert all(each.mesh.has_triangle_uvs() for each in model.meshes)


BLENDER = """
import bpy, json, sys
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=sys.argv[1])
bpy.context.view_layer.update()
told = {}
for each in bpy.data.objects:
    row = told[each.name] = {"parent": each.parent.name if each.parent else None}
    row["place"], row["size"] = list(each.matrix_world.translation), list(each.dimensions)
    if each.type != "MESH":
        continue
    row["triangles"] = sum(len(face.vertices) - 2 for face in each.data.polygons)
    row["vertices"] = len(each.data.vertices)
    row["materials"] = [material.name for material in each.data.materials]
    nodes = [n for m in each.data.materials for n in m.node_tree.nodes if n.type == "TEX_IMAGE"]
    row["pictures"] = [list(node.image.size) for node in nodes]
print("TOLD" + json.dumps(told))
"""
ASSIMP = """
const fs = require('fs');
require('assimpjs')().then(assimp => {
  const files = new assimp.FileList();
  files.AddFile('a.glb', new Uint8Array(fs.readFileSync(process.argv[2])));
  const result = assimp.ConvertFileList(files, 'assjson');
  if (!result.IsSuccess()) throw new Error(result.GetErrorCode());
  console.log(new TextDecoder().decode(result.GetFile(0).GetContent()));
});
"""


def test_blender_reads_hierarchy_names_materials_and_sizes(meshes: Path, tmp_path: Path) -> None:
    """MAQUETTE_BPY names a Python that has the package bpy: it wants an environment of its own."""
    python = os.environ.get("MAQUETTE_BPY")
    if python is None:
        pytest.skip("needs MAQUETTE_BPY, a Python with the package bpy (docs/exports.md)")
    (tmp_path / "ask.py").write_text(BLENDER)
    command = [python, str(tmp_path / "ask.py"), str(meshes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    told = json.loads(done.stdout.split("TOLD")[1].splitlines()[0])
    assert told.keys() == {"Scene", "Box", "Dice"}
    for name, size, place in [("Box", 1.0, [0, 0, -0.5]), ("Dice", 0.2, [2, -2, 1.9])]:
        row = told[name]
        assert row["parent"] == "Scene"
        assert row["materials"] == [name]
        assert row["pictures"] == [[64, 64]]
        assert row["triangles"] == 12
        assert row["size"] == pytest.approx([size] * 3, abs=1e-5)
        assert row["place"] == pytest.approx(place, abs=1e-5)  # Blender's z points up


def test_blender_takes_gaussians_for_points(tmp_path: Path) -> None:
    python = os.environ.get("MAQUETTE_BPY")
    if python is None:
        pytest.skip("needs MAQUETTE_BPY, a Python with the package bpy (docs/exports.md)")
    arrays = SplatArrays.from_gaussians(splats(300, 1))
    write_glb(tmp_path / "a.glb", [Part("Splats", 1, arrays)], metric=True)
    (tmp_path / "ask.py").write_text(BLENDER)
    command = [python, str(tmp_path / "ask.py"), str(tmp_path / "a.glb")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    told = json.loads(done.stdout.split("TOLD")[1].splitlines()[0])
    assert told["Splats"]["vertices"] == 300


def test_assimp_reads_names_materials_and_pictures(meshes: Path, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("needs node and npm")
    command = ["npm", "install", "--no-audit", "--no-fund", ASSIMPJS]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    (tmp_path / "read.cjs").write_text(ASSIMP)
    command = ["node", "read.cjs", str(meshes)]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    told = json.loads(done.stdout)
    assert [node["name"] for node in told["rootnode"]["children"]] == ["Box", "Dice"]
    assert [len(mesh["faces"]) for mesh in told["meshes"]] == [12, 12]
    names = [
        prop["value"] for material in told["materials"] for prop in material["properties"]
        if prop["key"] == "?mat.name"
    ]  # fmt: skip
    assert names[:2] == ["Box", "Dice"]
    dice = np.array(told["rootnode"]["children"][1]["transformation"]).reshape(4, 4)
    assert dice[:3, 3] == pytest.approx([2, 1.9, 2], abs=1e-5)


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npx, which comes with Node.js")
@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("suffix", [".spz", ".compressed.ply"])
def test_splat_transform_reads_what_we_do(tmp_path: Path, degree: int, suffix: str) -> None:
    """Of SPZ it turns y and z, as its PLY files have y pointing down."""
    written = small_colors(splats(300, degree))
    ours, theirs = tmp_path / f"a{suffix}", tmp_path / "back.ply"
    (write_spz if suffix == ".spz" else write_compressed_ply)(ours, written)
    command = ["npx", "--yes", SPLAT_TRANSFORM, str(ours), str(theirs)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    first, second = read_splats(ours), read_splats(theirs)
    turn = torch.tensor([1.0, -1.0, -1.0] if suffix == ".spz" else [1.0, 1.0, 1.0])
    torch.testing.assert_close(first.means, second.means * turn, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(first.log_scales, second.log_scales, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(first.sh[:, 0], second.sh[:, 0], atol=1e-5, rtol=1e-5)


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npx, which comes with Node.js")
def test_we_read_the_glb_of_splat_transform(tmp_path: Path) -> None:
    """Which turns PLY by half about z, so that y points up."""
    source, target = tmp_path / "a.compressed.ply", tmp_path / "a.glb"
    write_compressed_ply(source, splats(300, 2))
    command = ["npx", "--yes", SPLAT_TRANSFORM, str(source), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    ours, theirs = read_splats(source), read_splats(target)
    turn = torch.tensor([-1.0, -1.0, 1.0])
    torch.testing.assert_close(ours.means * turn, theirs.means, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.log_scales, theirs.log_scales, atol=1e-4, rtol=1e-4)
