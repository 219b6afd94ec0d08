"""`maquette` as it is started by its user, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication

from core.export.ply import write_ply
from tests.small_room import REPOSITORY
from tests.viewport_scenes import three_blobs

COMMAND = [sys.executable, "-m", "app"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a display")
def test_without_a_display_it_says_so() -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    told = subprocess.run(
        COMMAND, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 1
    assert told.stdout == ""
    assert "There is no display to open the window on." in told.stderr
    assert "maquette reconstruct PHOTOS -o OUT" in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) <= 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_opens_a_file_and_ends_by_ctrl_c(qapp: QApplication, tmp_path: Path) -> None:
    scene = tmp_path / "scene.ply"
    write_ply(scene, three_blobs().to_gaussians())
    homes = {"XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "TMPDIR": "temporary"}
    environment = os.environ | {name: str(tmp_path / folder) for name, folder in homes.items()}
    (tmp_path / "temporary").mkdir()
    preferences = tmp_path / "config" / "Maquette" / "Maquette.ini"
    with subprocess.Popen(
        [*COMMAND, str(scene)], cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True
    ) as window:
        try:
            until_remembered(preferences, "scene.ply")
            below = psutil.Process(window.pid).children(recursive=True)
            assert len(below) >= 2
            window.send_signal(signal.SIGINT)
            _, words = window.communicate(timeout=120)
        finally:
            window.kill()  # where a line above failed, that no one waits for it for ever
    assert window.returncode == 0
    assert words == ""
    assert not psutil.wait_procs(below, timeout=30)[1]
    assert list((tmp_path / "temporary").iterdir()) == []


def until_remembered(preferences: Path, name: str) -> None:
    """Until the program has opened the file `name`, and so counts it among the recent ones."""
    deadline = time.monotonic() + 180
    while not (preferences.is_file() and name in preferences.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
