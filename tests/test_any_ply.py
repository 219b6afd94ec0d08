"""Any PLY file is read as what it is, and none is believed more than it can hold."""

import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.export.any_ply import GREY, read_any_ply, read_splats
from core.export.ply import write_ply
from core.gaussians.arrays import SplatArrays
from core.scene.shown import PointCloud, TriangleMesh
from tests.scenes import cloud

FORMS = ["ascii", "binary_little_endian", "binary_big_endian"]
XYZ = [("float", "x"), ("float", "y"), ("float", "z")]
RGB = [("uchar", "red"), ("uchar", "green"), ("uchar", "blue")]
INDICES = [("list uchar int", "vertex_indices")]
CODES = {
    "float": "f", "double": "d", "uchar": "B", "ushort": "H", "int": "i", "uint": "I", "short": "h",
}  # fmt: skip
SQUARE = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]


def written(path: Path, form: str, *elements: tuple[str, list[tuple[str, str]], list]) -> Path:
    """A PLY of `elements` (name, properties, rows), number by number."""
    lines, body = ["ply", f"format {form} 1.0", "comment made by a test"], b""
    for name, properties, rows in elements:
        lines += [f"element {name} {len(rows)}"]
        lines += [f"property {kind} {label}" for kind, label in properties]
        for row in rows:
            body += as_bytes(form, properties, row)
    path.write_bytes("\n".join([*lines, "end_header", ""]).encode() + body)
    return path


def as_bytes(form: str, properties: list[tuple[str, str]], row: tuple) -> bytes:
    order = "<" if form == "binary_little_endian" else ">"
    words, packed = [], b""
    for (kind, _), value in zip(properties, row, strict=True):
        names, values = [kind], [value]
        if kind.startswith("list"):
            _, count, item = kind.split()
            names, values = [count, *[item] * len(value)], [len(value), *value]
        words += [repr(each) for each in values]
        for name, each in zip(names, values, strict=True):
            packed += struct.pack(order + CODES[name], each)
    return (" ".join(words) + "\n").encode() if form == "ascii" else packed


def corners(mesh: TriangleMesh) -> set[frozenset[int]]:
    return {frozenset(face) for face in mesh.faces.tolist()}


@pytest.mark.parametrize("form", FORMS)
def test_points_with_colours(tmp_path: Path, form: str) -> None:
    rows = [(k / 4, -k, 0.5, 10 * k, 255, k) for k in range(7)]
    found = read_any_ply(written(tmp_path / "a.ply", form, ("vertex", [*XYZ, *RGB], rows)))
    assert isinstance(found, PointCloud)
    assert np.array_equal(found.positions, [row[:3] for row in rows])
    assert np.array_equal(found.colors, [row[3:] for row in rows])
    assert (found.positions.dtype, found.colors.dtype) == (np.float32, np.uint8)


@pytest.mark.parametrize(("kind", "full"), [("ushort", 65535), ("float", 1.0), ("double", 1.0)])
def test_colours_of_other_types(tmp_path: Path, kind: str, full: float) -> None:
    properties = [*XYZ, *((kind, name) for _, name in RGB)]
    rows = [(0, 0, 0, full, full / 5, 0)] if kind != "ushort" else [(0, 0, 0, 65535, 13107, 0)]
    found = read_any_ply(written(tmp_path / "a.ply", "ascii", ("vertex", properties, rows)))
    assert isinstance(found, PointCloud)
    assert found.colors.tolist() == [[255, 51, 0]]


def test_points_without_colours_are_grey(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ply", "binary_little_endian", ("vertex", XYZ, SQUARE))
    found = read_any_ply(path)
    assert isinstance(found, PointCloud)
    assert (found.colors == GREY).all()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["vertex_indices", "vertex_index"])
def test_a_mesh(tmp_path: Path, form: str, name: str) -> None:
    faces = [((0, 1, 2),), ((0, 2, 3),)]
    elements = ("vertex", XYZ, SQUARE), ("face", [("list uchar int", name)], faces)
    found = read_any_ply(written(tmp_path / "a.ply", form, *elements))
    assert isinstance(found, TriangleMesh)
    assert np.array_equal(found.vertices, SQUARE)
    assert found.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert (found.faces.dtype, (found.colors == GREY).all()) == (np.int32, True)


@pytest.mark.parametrize("form", FORMS)
def test_polygons_of_all_sizes_with_other_properties(tmp_path: Path, form: str) -> None:
    properties = [
        ("uchar", "material"),
        ("list uchar float", "texcoord"),
        ("list ushort uint", "vertex_indices"),
        ("short", "flags"),
    ]
    faces = [
        (1, (0.5,), (0, 1, 2), -1),
        (2, (0.25, 0.5), (0, 1, 2, 3), -1),
        (3, (), (0, 1), -1),  # a line
        (4, (), (), -1),
        (5, (0.5,) * 8, (3, 1, 0), -1),
    ]
    elements = ("vertex", XYZ, SQUARE), ("face", properties, faces)
    found = read_any_ply(written(tmp_path / "a.ply", form, *elements))
    assert isinstance(found, TriangleMesh)
    wanted = [{0, 1, 2}, {0, 2, 3}, {0, 1, 3}]
    assert corners(found) == {frozenset(face) for face in wanted}
    assert len(found.faces) == 4  # the square's first half is there twice


def test_a_square_keeps_its_way_round(tmp_path: Path) -> None:
    elements = ("vertex", XYZ, SQUARE), ("face", INDICES, [((0, 1, 2, 3),)])
    found = read_any_ply(written(tmp_path / "a.ply", "ascii", *elements))
    assert isinstance(found, TriangleMesh)
    a, b, c = (found.vertices[found.faces[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a) == [0, 0, 1]).all()


def test_faces_without_corners_leave_points(tmp_path: Path) -> None:
    elements = ("vertex", XYZ, SQUARE), ("face", INDICES, [((0, 1),), ((),)])
    found = read_any_ply(written(tmp_path / "a.ply", "binary_little_endian", *elements))
    assert isinstance(found, PointCloud)


def test_splats(tmp_path: Path) -> None:
    gaussians = cloud(20)
    write_ply(tmp_path / "a.ply", gaussians)
    found = read_any_ply(tmp_path / "a.ply")
    assert isinstance(found, SplatArrays)
    assert np.array_equal(found.sh, gaussians.sh.numpy())
    assert read_splats(tmp_path / "a.ply").means.equal(gaussians.means)


def test_splats_that_lack_a_column_are_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    write_ply(path, cloud(3))
    path.write_bytes(path.read_bytes().replace(b"float scale_2", b"float scale_9"))
    with pytest.raises(UserError, match="scale_2 missing"):
        read_any_ply(path)


def test_points_are_no_splats(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ply", "ascii", ("vertex", XYZ, SQUARE))
    with pytest.raises(UserError, match="plain point cloud"):
        read_splats(path)


def square(form: str, faces: list[tuple[tuple[int, ...]]]) -> tuple:
    return form, ("vertex", XYZ, SQUARE), ("face", INDICES, faces)


LITTLE = "binary_little_endian"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("elements", "words"),
    [
        pytest.param([("vertex", XYZ, [])], "is empty", id="no rows"),
        pytest.param([("vertex", XYZ[:2], [(1, 2)])], "have no z", id="no z"),
        pytest.param(
            [("vertex", [("double", "x"), *XYZ[1:]], [(1e300, 0, 0)])], "1 of 1", id="far"
        ),
        pytest.param([("vertex", XYZ, [(float("nan"), 0, 0)])], "1 of 1 points", id="nan"),
        pytest.param(
            [("vertex", XYZ, SQUARE), ("face", INDICES, [((0, 1, 4),), ((0, 1, 2),)])],
            "1 of 2 triangles .* beyond its 4 vertices",
            id="corner beyond",
        ),
        pytest.param(
            [("vertex", XYZ, SQUARE), ("face", INDICES, [((0, 1, -1),)])],
            "1 of 1 triangles",
            id="negative corner",
        ),
        pytest.param(
            [("vertex", XYZ, SQUARE), ("face", [("uchar", "material")], [(1,)])],
            "name no vertices",
            id="faces without corners",
        ),
        pytest.param(
            [
                ("vertex", XYZ, SQUARE),
                ("face", [("list uchar float", "vertex_index")], [((1.0,),)]),
            ],
            "name no vertices",
            id="fractional corners",
        ),
        pytest.param(
            [("edge", [("list uchar int", "a")], [((1,),)]), ("vertex", XYZ, SQUARE)],
            "lists before",
            id="lists first",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, form: str, elements: list, words: str) -> None:
    path = written(tmp_path / "a.ply", form, *elements)
    with pytest.raises(UserError, match=words):
        read_any_ply(path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("faces", [[((0, 1, 2),)] * 9, [((0, 1, 2),), ((0, 1, 2, 3),)] * 5])
def test_every_cut_is_noticed(tmp_path: Path, form: str, faces: list) -> None:
    path = written(tmp_path / "a.ply", form, ("vertex", XYZ, SQUARE), ("face", INDICES, faces))
    whole = path.read_bytes()
    start = whole.index(b"end_header")
    for length in [*range(0, start, 7), *range(start, len(whole) - 1)]:
        path.write_bytes(whole[:length])
        with pytest.raises(UserError):
            read_any_ply(path)


@pytest.mark.parametrize("name", ["vertex", "face"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("promised", [250_000_000, 999_999_999_999_999, 10**16])
def test_a_header_that_lies_costs_nothing(
    tmp_path: Path, form: str, name: str, promised: int
) -> None:
    path = written(tmp_path / "a.ply", *square(form, [((0, 1, 2),)]))
    content = path.read_bytes()
    count = {"vertex": 4, "face": 1}[name]
    path.write_bytes(
        content.replace(f"element {name} {count}".encode(), f"element {name} {promised}".encode())
    )
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(UserError, match="promises"):
        read_any_ply(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6
    assert time.monotonic() - began < 1


def test_a_list_that_lies_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    faces = [("list uint int", "vertex_indices")]
    written(path, LITTLE, ("vertex", XYZ, SQUARE), ("face", faces, [((0, 1, 2),)]))
    content = path.read_bytes()
    path.write_bytes(content[:-16] + struct.pack("<I", 2**32 - 1) + content[-12:])
    with pytest.raises(UserError, match="a list of 4294967295 numbers"):
        read_any_ply(path)


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    for content in (b"", b"Dear diary", b"\x89PNG\r\n\x1a\n", b"ply\n", b"plywood\n" * 9):
        path.write_bytes(content)
        with pytest.raises(UserError):
            read_any_ply(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_any_ply(tmp_path)  # a folder
