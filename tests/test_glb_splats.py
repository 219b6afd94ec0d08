"""Gaussians in GLB: what is written is what is read, where the nodes put it."""

import contextlib
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.export.any_file import read_any_file, read_splats
from core.export.glb import Part, write_glb
from core.export.glb_container import read_glb
from core.export.glb_nodes import OBJECT_ID
from core.export.glb_splats import EXTENSION, read_splat_glb
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.geometry.pose import Pose
from core.geometry.rotation import matrix_from_quat, quat_from_matrix
from tests.test_compressed_ply import splats


def arrays(n: int, degree: int, object_id: int = 0) -> SplatArrays:
    found = SplatArrays.from_gaussians(splats(n, degree))
    return replace(found, object_id=np.full(n, object_id, np.int32))


def check_same(read: SplatArrays, written: SplatArrays) -> None:
    for name in ("means", "quats", "log_scales", "logit_opacity", "sh", "object_id"):
        np.testing.assert_allclose(
            getattr(read, name), getattr(written, name), atol=2e-4, rtol=1e-3, err_msg=name
        )


def changed(path: Path, change: Any) -> Path:
    """The file with its JSON changed in place by `change`."""
    data = path.read_bytes()
    length = struct.unpack("<I", data[12:16])[0]
    content = json.loads(data[20 : 20 + length])
    change(content)
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    head = b"glTF" + struct.pack("<II", 2, 20 + len(text) + len(rest))
    path.write_bytes(head + struct.pack("<I", len(text)) + b"JSON" + text + rest)
    return path


@pytest.mark.parametrize("degree", range(4))
def test_what_was_written_is_read(tmp_path: Path, degree: int) -> None:
    written = arrays(300, degree, 7)
    write_glb(tmp_path / "a.glb", [Part("chair", 7, written)], metric=True)
    read = read_any_file(tmp_path / "a.glb")
    assert isinstance(read, SplatArrays)
    check_same(read, written)
    assert len(read_splats(tmp_path / "a.glb")) == 300


def test_objects_are_nodes_with_their_pivots_below_them(tmp_path: Path) -> None:
    parts = [Part("background", 0, arrays(50, 1)), Part("mug", 3, arrays(60, 2, 3))]
    write_glb(tmp_path / "a.glb", parts, metric=False)
    glb = read_glb(tmp_path / "a.glb")
    nodes = glb.items("nodes")
    assert [node["name"] for node in nodes] == ["Scene", "background", "mug"]
    assert nodes[0]["children"] == [1, 2]
    assert [node["extras"][OBJECT_ID] for node in nodes[1:]] == [0, 3]
    assert glb.content["extensionsUsed"] == [EXTENSION]
    assert glb.content["asset"]["extras"] == {"unit": "unknown"}
    assert nodes[2]["translation"][1] < float(np.median(parts[1].splats.means[:, 1]))
    read = read_splat_glb(tmp_path / "a.glb")
    assert read.object_id.tolist() == [0] * 50 + [3] * 60
    assert read.sh_degree == 2
    assert not read.sh[:50, 4:].any()


def test_the_attributes_are_those_of_the_extension(tmp_path: Path) -> None:
    written = arrays(40, 3)
    write_glb(tmp_path / "a.glb", [Part("all", 0, written)], metric=True)
    glb = read_glb(tmp_path / "a.glb")
    primitive = glb.items("meshes")[0]["primitives"][0]
    assert primitive["mode"] == 0
    extension = {"kernel": "ellipse", "colorSpace": "srgb_rec709_display"}
    assert primitive["extensions"] == {EXTENSION: extension}
    attributes = primitive["attributes"]
    assert len(attributes) == 5 + 16
    # Linear, not logarithms; after the sigmoid; x, y, z, w.
    scale = glb.array(attributes[f"{EXTENSION}:SCALE"], 3)
    np.testing.assert_allclose(scale, np.exp(written.log_scales), rtol=1e-6)
    alpha = glb.array(attributes[f"{EXTENSION}:OPACITY"], 1)
    np.testing.assert_allclose(alpha, 1 / (1 + np.exp(-written.logit_opacity)), rtol=1e-5)
    turn = glb.array(attributes[f"{EXTENSION}:ROTATION"], 4)
    np.testing.assert_allclose(turn, written.quats[:, [1, 2, 3, 0]], atol=1e-6)
    color = glb.array(attributes["COLOR_0"], 4)
    seen = (written.sh[:, 0] * 0.28209479 + 0.5).clip(0, 1)
    np.testing.assert_allclose(color[:, :3], seen, atol=0.51 / 255)
    np.testing.assert_array_equal(
        glb.array(attributes[f"{EXTENSION}:SH_DEGREE_3_COEF_6"], 3), written.sh[:, 15]
    )


def test_nodes_move_turn_and_scale(tmp_path: Path) -> None:
    """Two nodes, one in the other, of another program: the same as moving the Gaussians."""
    written = arrays(30, 2)
    path = tmp_path / "a.glb"
    write_glb(path, [Part("all", 0, written)], metric=True)
    quat = torch.tensor([0.5, -0.5, 0.1, 0.7], dtype=torch.float64)
    turn = matrix_from_quat(quat).numpy()
    pivot = np.array(read_glb(path).items("nodes")[1]["translation"])
    unit = quat_from_matrix(torch.from_numpy(turn)).tolist()

    def change(content: dict[str, Any]) -> None:
        content["nodes"][0] |= {"rotation": [*unit[1:], unit[0]], "scale": [2.5] * 3}
        matrix = np.eye(4)
        matrix[:3, 3] = pivot
        del content["nodes"][1]["translation"]
        content["nodes"][1]["matrix"] = matrix.T.ravel().tolist()

    changed(path, change)
    expected = moved(written.to_gaussians(), Pose(turn, np.zeros(3), 2.5))
    read = read_splat_glb(path)
    np.testing.assert_allclose(read.means, expected.means.numpy(), atol=1e-4)
    np.testing.assert_allclose(read.sh, expected.sh.numpy(), atol=1e-4)
    alike = np.abs((read.quats * expected.quats.numpy()).sum(axis=1))
    assert alike.min() > 1 - 1e-5


def spoilt(content: dict[str, Any], how: str) -> None:
    accessors, views, nodes = content["accessors"], content["bufferViews"], content["nodes"]
    match how:
        case "count":
            accessors[0]["count"] = 10**9
        case "offset":
            views[0]["byteOffset"] = 10**8
        case "negative":
            views[0]["byteOffset"] = -4
        case "cycle":
            nodes[1]["children"] = [0]
        case "type":
            accessors[2]["type"] = "VEC3"
        case "attribute":
            del content["meshes"][0]["primitives"][0]["attributes"][f"{EXTENSION}:SCALE"]
        case "no splats":
            del content["meshes"][0]["primitives"][0]["extensions"]
        case "mirrored":
            nodes[1]["scale"] = [1, -1, 1]
        case "nowhere":
            nodes[1]["mesh"] = 5
        case "sparse":
            accessors[0]["sparse"] = {}
        case "lengths":
            accessors[3]["count"] = 3
        case "many":
            nodes[0]["children"] = [1] * 5000


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("count", "too often"),
        ("offset", "beyond its buffer"),
        ("negative", "makes no sense"),
        ("cycle", "no end"),
        ("type", "another kind"),
        ("attribute", "no KHR_gaussian_splatting:SCALE"),
        ("no splats", "holds no Gaussians"),
        ("mirrored", "stretch or mirror"),
        ("nowhere", "not there"),
        ("sparse", "sparse"),
        ("lengths", "unequal length"),
        ("many", "too often"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, how: str, words: str) -> None:
    path = tmp_path / "a.glb"
    write_glb(path, [Part("all", 0, arrays(20, 0))], metric=True)
    changed(path, lambda content: spoilt(content, how))
    with pytest.raises(UserError, match=words):
        read_any_file(path)


@pytest.mark.parametrize("missing", [1, 50, 10_000])
def test_cut_off(tmp_path: Path, missing: int) -> None:
    path = tmp_path / "a.glb"
    write_glb(path, [Part("all", 0, arrays(100, 1))], metric=True)
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(UserError, match="cut off"):
        read_any_file(path)


@given(st.integers(0, 2**31), st.integers(1, 6))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_files_give_a_sentence(tmp_path: Path, seed: int, changes: int) -> None:
    path = tmp_path / "whole.glb"
    if not path.exists():
        write_glb(path, [Part("a", 1, arrays(10, 1, 1)), Part("b", 2, arrays(9, 0))], metric=True)
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    end = 20 + struct.unpack("<I", data[12:16])[0]
    for at in rng.integers(0, end if seed % 3 else len(data), changes):
        # Digits and brackets make more of the claims wrong than any byte would.
        data[at] = rng.choice(list(b'0123456789,:[]{}"-e')) if seed % 2 else rng.integers(256)
    if rng.random() < 0.2:
        del data[rng.integers(len(data)) :]
    other = tmp_path / "damaged.glb"
    other.write_bytes(bytes(data))
    with contextlib.suppress(UserError):
        read = read_splat_glb(other)
        assert len(read) < 1e5
        assert bool(read.to_gaussians().finite().all())
