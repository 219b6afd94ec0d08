"""Splat files: what is written is what is read, and nothing else is taken for one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import UserError
from core.export.ply import read_ply, write_ply
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians

COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh", "object_id")
PROVENANCE = ("origin", "confidence")


def cloud(n: int = 7, degree: int = 3, seed: int = 0, objects: bool = False) -> Gaussians:
    g = torch.Generator().manual_seed(seed)
    bands = (degree + 1) ** 2
    ids = torch.randint(0, 5, (n,), generator=g) if objects else torch.zeros(n, dtype=torch.int64)
    return Gaussians(
        means=torch.randn(n, 3, generator=g) * 1e3,
        quats=torch.randn(n, 4, generator=g),
        log_scales=torch.randn(n, 3, generator=g) * 5,
        logit_opacity=torch.randn(n, generator=g),
        sh=torch.randn(n, bands, 3, generator=g),
        object_id=ids,
    )


def same(first: Gaussians, second: Gaussians) -> bool:
    pairs = [(getattr(first, name), getattr(second, name)) for name in COLUMNS + PROVENANCE]
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


def doubted(gaussians: Gaussians) -> Gaussians:
    """The same rows of all origins and confidences."""
    n = len(gaussians)
    origin = (torch.arange(n) % len(Origin)).to(torch.uint8)
    return replace(gaussians, origin=origin, confidence=torch.linspace(0, 1, n))


def header(path: Path) -> list[str]:
    head = path.read_bytes().split(b"end_header\n")[0]
    return head.decode("ascii").splitlines()


def rewritten(path: Path, gaussians: Gaussians, form: str, *, mixed: bool) -> None:
    """`gaussians` as another program might write them: turned about, other types, extra columns."""
    rest = gaussians.sh[:, 1:].transpose(1, 2).reshape(len(gaussians), -1).numpy()
    columns = {f"rot_{i}": gaussians.quats[:, i].numpy() for i in range(4)}
    columns |= {"confidence": np.ones(len(gaussians), np.float32)}
    columns |= {f"f_rest_{i}": rest[:, i] for i in range(rest.shape[1])}
    columns |= {f"scale_{i}": gaussians.log_scales[:, i].numpy() for i in range(3)}
    columns |= {
        "object_id": gaussians.object_id.numpy(),
        "opacity": gaussians.logit_opacity.numpy(),
    }
    columns |= {f"f_dc_{i}": gaussians.sh[:, 0, i].numpy() for i in range(3)}
    columns |= {axis: gaussians.means[:, i].numpy() for i, axis in enumerate("xyz")}
    kinds = dict.fromkeys(columns, ("double", "f8") if mixed else ("float", "f4"))
    kinds["object_id"] = ("ushort", "u2")
    lines = [
        "ply",
        f"format {form} 1.0",
        "comment made by a test",
        f"element vertex {len(gaussians)}",
    ]
    lines += [f"property {kinds[name][0]} {name}" for name in columns]
    lines += ["element face 0", "property list uchar int vertex_indices", "end_header", ""]
    body: bytes
    if form == "ascii":
        rows = zip(*columns.values(), strict=True)
        body = "".join(" ".join(repr(v.item()) for v in row) + "\n" for row in rows).encode()
    else:
        order = "<" if form == "binary_little_endian" else ">"
        table = np.zeros(len(gaussians), [(n, order + kinds[n][1]) for n in columns])
        for name, column in columns.items():
            table[name] = column
        body = table.tobytes()
    path.write_bytes("\n".join(lines).encode() + body)


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("objects", [False, True])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_reading_gives_back_what_was_written(
    tmp_path: Path, degree: int, objects: bool, n: int
) -> None:
    written = cloud(n, degree, objects=objects)
    write_ply(tmp_path / "a.ply", written)
    assert same(read_ply(tmp_path / "a.ply"), written)


def test_more_rows_than_a_chunk(tmp_path: Path) -> None:
    written = cloud(70_000, 0, objects=True)
    write_ply(tmp_path / "a.ply", written)
    assert same(read_ply(tmp_path / "a.ply"), written)


def test_the_layout_is_that_of_3dgs(tmp_path: Path) -> None:
    gaussians = cloud(2)
    write_ply(tmp_path / "a.ply", gaussians)
    names = ["x", "y", "z", "nx", "ny", "nz", *(f"f_dc_{i}" for i in range(3))]
    names += [*(f"f_rest_{i}" for i in range(45)), "opacity"]
    names += [*(f"scale_{i}" for i in range(3)), *(f"rot_{i}" for i in range(4))]
    assert header(tmp_path / "a.ply") == [
        "ply",
        "format binary_little_endian 1.0",
        "element vertex 2",
        *(f"property float {name}" for name in names),
    ]
    rows = np.frombuffer((tmp_path / "a.ply").read_bytes()[-2 * 62 * 4 :], "<f4").reshape(2, 62)
    # All coefficients of red come first, then those of green, then of blue.
    assert np.array_equal(rows[:, 9:24], gaussians.sh[:, 1:, 0])
    assert np.array_equal(rows[:, 24:39], gaussians.sh[:, 1:, 1])
    assert np.array_equal(rows[:, 58:62], gaussians.quats)


def test_objects_are_an_extra_column_at_the_end(tmp_path: Path) -> None:
    write_ply(tmp_path / "a.ply", cloud(50, objects=True))
    assert header(tmp_path / "a.ply")[-2:] == ["property float rot_3", "property int object_id"]


@pytest.mark.parametrize("objects", [False, True])
def test_provenance_comes_last_and_back(tmp_path: Path, objects: bool) -> None:
    written = doubted(cloud(70_000, 0, objects=objects))
    write_ply(tmp_path / "a.ply", written)
    assert header(tmp_path / "a.ply")[-2:] == ["property uchar origin", "property float confidence"]
    assert same(read_ply(tmp_path / "a.ply"), written)


def test_an_origin_that_we_do_not_know_is_not_taken_for_observed(tmp_path: Path) -> None:
    written = doubted(cloud(2))
    written.origin[0], written.confidence[0], written.confidence[1] = 7, float("nan"), 2.5
    write_ply(tmp_path / "a.ply", written)
    read = read_ply(tmp_path / "a.ply")
    assert read.origin.tolist() == [Origin.FILLED, Origin.REGULARISED]
    assert read.confidence.tolist() == [0, 1]


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("degree", [0, 2])
def test_other_programs_files_are_read(tmp_path: Path, form: str, mixed: bool, degree: int) -> None:
    written = cloud(9, degree, objects=True)
    rewritten(tmp_path / "a.ply", written, form, mixed=mixed)
    assert same(read_ply(tmp_path / "a.ply"), written)


def test_writing_leaves_the_old_file_if_it_fails(tmp_path: Path) -> None:
    write_ply(tmp_path / "a.ply", cloud())
    before = (tmp_path / "a.ply").read_bytes()
    broken = cloud()
    broken.means[3, 1] = float("nan")
    with pytest.raises(UserError, match="1 of 7"):
        write_ply(tmp_path / "a.ply", broken)
    assert (tmp_path / "a.ply").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "a.ply"]


def test_nowhere_to_write(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_ply(tmp_path / "absent" / "a.ply", cloud())


PLAIN = "property float x\nproperty float y\nproperty float z\n"
BINARY = "ply\nformat binary_little_endian 1.0\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "not a PLY", id="empty"),
        pytest.param(b"\x89PNG\r\n", "not a PLY", id="picture"),
        pytest.param(b"ply\nformat ascii 1.0\n", "no end", id="header cut off"),
        pytest.param(b"ply\nelement vertex 1\nend_header\n", "no format", id="no format"),
        pytest.param(b"ply\nformat ascii 1.0\nend_header\n", "no vertices", id="no vertices"),
        pytest.param(b"ply\nformat ascii 2.0\nend_header\n", "header line", id="version"),
        pytest.param(
            f"{BINARY}element vertex 1\n{PLAIN}property float x\nend_header\n".encode(),
            "twice",
            id="same property twice",
        ),
        pytest.param(
            f"{BINARY}element vertex 1\n{PLAIN}end_header\n".encode() + b"\0" * 12,
            "plain point cloud",
            id="points",
        ),
        pytest.param(
            f"{BINARY}element vertex 1\n{PLAIN}element face 1\n"
            "property list uchar int vertex_indices\nend_header\n".encode()
            + b"\0" * 25,
            "a mesh",
            id="mesh",
        ),
        pytest.param(
            f"{BINARY}element vertex 99999999999999\n{PLAIN}end_header\n".encode() + b"\0" * 12,
            "cut off",
            id="lies about its size",
        ),
        pytest.param(
            f"{BINARY}element vertex 9999999999999999999\n{PLAIN}end_header\n".encode(),
            "promises",
            id="lies beyond counting",
        ),
        pytest.param(
            b"ply\nformat ascii 1.0\nelement vertex -1\nend_header\n", "header line", id="negative"
        ),
    ],
)
def test_what_is_no_splat_file_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.ply").write_bytes(content)
    with pytest.raises(UserError, match=words):
        read_ply(tmp_path / "a.ply")


@pytest.mark.parametrize("missing", [1, 100, 62 * 4])
def test_cut_off(tmp_path: Path, missing: int) -> None:
    path = tmp_path / "a.ply"
    write_ply(path, cloud())
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(UserError, match="cut off"):
        read_ply(path)


def test_ascii_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    rewritten(path, cloud(20), "ascii", mixed=False)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="cut off"):
        read_ply(path)


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    gaussians = cloud()
    gaussians.sh[2, 1, 0] = float("nan")
    gaussians.means[4, 0] = float("inf")
    rewritten(path, gaussians, "binary_big_endian", mixed=True)
    with pytest.raises(UserError, match="2 of 7"):
        read_ply(path)


def test_opacities_of_0_and_1_may_be_infinite_logits(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    gaussians = cloud()
    gaussians.logit_opacity[2], gaussians.logit_opacity[3] = float("inf"), float("-inf")
    rewritten(path, gaussians, "ascii", mixed=False)
    read = read_ply(path).logit_opacity
    assert read.isfinite().all()
    assert torch.allclose(read[2:4].sigmoid(), torch.tensor([1.0, 0.0]), atol=1e-6)


def test_a_rotation_of_length_zero(tmp_path: Path) -> None:
    gaussians = cloud()
    gaussians.quats[3] = 0
    write_ply(tmp_path / "a.ply", gaussians)
    with pytest.raises(UserError, match="length 0"):
        read_ply(tmp_path / "a.ply")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    write_ply(path, cloud())
    path.write_bytes(
        path.read_bytes().replace(b"property float scale_2", b"property float scale_9")
    )
    with pytest.raises(UserError, match="scale_2 missing"):
        read_ply(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_ply(tmp_path / "a.ply")
