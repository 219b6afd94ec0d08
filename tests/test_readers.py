"""Programs from outside open what we write."""

import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.export.ply import write_ply
from tests.scenes import cloud
from tests.test_ply import doubted

SPLAT_TRANSFORM = "@playcanvas/splat-transform@2.7"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.ply"
    write_ply(path, doubted(cloud(500)))
    return path


def test_open3d_reads_the_ply_with_its_splat_attributes(scene: Path, open3d: ModuleType) -> None:
    points = open3d.t.io.read_point_cloud(str(scene))
    expected = doubted(cloud(500))
    np.testing.assert_array_equal(points.point.positions.numpy(), expected.means.numpy())
    np.testing.assert_array_equal(
        points.point["opacity"].numpy()[:, 0], expected.logit_opacity.numpy()
    )
    np.testing.assert_array_equal(points.point["f_dc"].numpy(), expected.sh[:, 0].numpy())
    for name in ("origin", "confidence"):
        column = points.point[name].numpy()[:, 0]
        np.testing.assert_array_equal(column, getattr(expected, name).numpy())


@pytest.mark.external
@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npx, which comes with Node.js")
def test_splat_transform_reads_the_ply_and_keeps_every_row(scene: Path, tmp_path: Path) -> None:
    table = tmp_path / "scene.csv"
    command = ["npx", "--yes", SPLAT_TRANSFORM, str(scene), str(table)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with table.open() as file:
        names = file.readline().strip().split(",")
        rows = np.loadtxt(file, delimiter=",")
    assert rows.shape[0] == 500
    means = rows[:, [names.index(axis) for axis in "xyz"]]
    np.testing.assert_allclose(means, cloud(500).means.numpy(), rtol=1e-6)
