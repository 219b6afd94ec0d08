"""The bench of the brush measures strokes that paint, and a history that can be undone."""

import pytest

from app.bench import brush as bench_brush


def test_pieces_and_history_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_brush, "STROKES", 8)
    monkeypatch.setattr(bench_brush, "WIDTH", 600)
    monkeypatch.setattr(bench_brush, "HEIGHT", 400)
    pieces = bench_brush.piece_times(50)
    assert 0 < pieces["median"] <= pieces["most"]
    history = bench_brush.history_figures()
    assert 0 < history["memory_mb"] < 5
    assert 0 < history["undo_median_ms"] <= history["undo_most_ms"]
