"""A full disk: a clear sentence, and what was there stays as it was."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.display import missing_display
from tests.small_room import REPOSITORY

SIZE = 24  # MB

# In a disk of memory of its own, which only this process and those below it see.
MOUNTS = f'mount -t tmpfs -o size={SIZE}m none "$1" && exec "$2" "$3" "$4" "$1"'

BOTH = """
import sys
from pathlib import Path
import torch
from app.__main__ import main
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.errors import UserError
from core.project.folder import Project, open_project, save_project
from core.train.standing import Standing, write_standing
from core.train.steps import Step
from tests.scenes import cloud

disk = Path(sys.argv[1])
nothing = Reconstruction((), SparsePoints.none(), ())

def project(rows):
    return Project(Capture(()), nothing, cloud(rows), torch.zeros(0, 2, 3), ())

def full(write):
    try:
        write()
    except UserError as error:
        assert "disk is full" in error.problem or "are free on the disk" in error.problem, error
        return
    raise AssertionError("there was room")

folder = disk / "a.maquette"
save_project(folder, project(20_000))
before = sorted((path, path.stat().st_mtime_ns) for path in disk.rglob("*") if path.is_file())
for rows in (90_000, 140_000):
    full(lambda: save_project(folder, project(rows)))
    full(lambda: save_project(disk / "b.maquette", project(rows)))
step = Step(1, 2, 0.5, 0.0, 0.0, 1)
full(lambda: write_standing(disk / "standing", Standing(step, {"x": torch.zeros(8_000_000)}, {})))
assert sorted((p, p.stat().st_mtime_ns) for p in disk.rglob("*") if p.is_file()) == before
assert sorted(path.name for path in disk.iterdir()) == ["a.maquette"]
assert len(open_project(folder).gaussians) == 20_000

# By the command, of a scene that lies elsewhere.
elsewhere = disk.parent / "large.maquette"
save_project(elsewhere, project(120_000))
for name in ("out.ply", "out.glb", "out.spz"):
    out = disk / name
    out.write_bytes(b"as it was")
    words = ["export", str(elsewhere), "-o", str(out)]
    used = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file())
    (disk / "filling").write_bytes(bytes(max(0, 17_000_000 - used)))
    status = main([*words, "--splats"] if name.endswith("glb") else words)
    assert status == 1, (name, status)
    assert out.read_bytes() == b"as it was", name
assert not [path for path in disk.rglob("*") if "unfinished" in path.name]
"""


def run_on_small_disk(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `words` and the place of a small disk, and skip where none can be had."""
    unshare = shutil.which("unshare")
    if sys.platform != "linux" or unshare is None:
        pytest.skip("no disk of memory (Linux, and unshare, Debian's package util-linux)")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTS, "sh"]
    found = subprocess.run(
        [*command, str(disk), sys.executable, *words],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    if "unshare:" in found.stderr or "mount:" in found.stderr:
        pytest.skip(f"no disk of its own can be had here: {found.stderr.strip()}")
    assert found.returncode == 0, found.stderr
    assert "Traceback" not in found.stderr
    return found


def test_a_full_disk_costs_nothing(tmp_path: Path) -> None:
    found = run_on_small_disk(tmp_path, "-c", BOTH)
    assert "full" in found.stderr or "free on the disk" in found.stderr


@pytest.mark.slow
def test_a_full_disk_costs_nothing_in_the_window(tmp_path: Path) -> None:
    """Saving, keeping unsaved work, and the export dialog."""
    why = missing_display()
    if why:
        pytest.skip(why)
    found = run_on_small_disk(tmp_path, "-m", "tests.window_on_full_disk")
    assert found.stdout.endswith("done\n")
