"""The bench of dragging takes hold of a thing in the window, and lets it go where it was."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.bench import drag as bench_drag
from app.engine.engine import Engine
from core.scene.layout import Layout
from tests.display import missing_display
from tests.window_parts import opened

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


def test_a_thing_is_dragged_and_counted(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SPLATS", 3000), ("SECONDS", 1.5), ("ROUNDS", 1)):
        monkeypatch.setattr(bench_drag, name, value)
    monkeypatch.setattr(Engine, "start", lambda engine: None)  # nothing is to run beside it
    with opened(tmp_path) as program:
        found = bench_drag.dragged(program)
        assert program.state.plan.layout == Layout()
        assert program.document.undo_label is None
    assert found["splats"] == 3000
    assert found["pictures_a_second"] > 0
    assert "pictures a second" in bench_drag.report({"cpu": "", **found})[1]
