"""The bench measures what it says, on a scene small enough for the plain suite."""

import json

import pytest
import torch

from app.bench.baseline import find_baseline
from app.bench.measure import both_ways, pairs
from app.bench.rasterizer import Case, _measure_case, _report_case
from app.bench.scenes import scene_view, trained_scene
from core.render.rasterize import rasterize


def test_the_baseline_draws_the_same_picture() -> None:
    scene, view = trained_scene(400), scene_view(48, 64)
    with torch.no_grad():
        theirs = find_baseline().render(scene, view)[..., :3]
    ours = rasterize(scene, view).color
    # gsplat ends a Gaussian at a radius, we where it is fainter than 1/255.
    assert float((theirs - ours).abs().mean()) < 2e-3


def test_pairs_are_counted_as_the_tiles_hold_them() -> None:
    scene, view = trained_scene(400), scene_view(48, 64)
    found = pairs(scene, view)
    assert 0 < found["visible"] <= 400
    render = rasterize(scene, view)
    # Each Gaussian in sight is looked at in one pixel at least, and in none more than there are.
    assert found["looked_at"] >= int((render.radii > 0).sum())
    assert found["looked_at"] <= 400 * 48 * 64 * 1.4


def test_a_measured_case_can_be_told_and_written_down() -> None:
    found = _measure_case(Case(300, 48, 64, baseline=1), repeats=2)
    assert json.loads(json.dumps(found))["rows"] == 300
    assert found["baseline"]["ratio"] > 1
    assert any("tile-wise" in line for line in _report_case(found))


def test_laps_add_up_both_directions() -> None:
    from app.bench.measure import Laps

    laps = Laps()
    scene, view = trained_scene(300), scene_view(48, 64)
    both_ways(scene, view, torch.ones(64, 48, 3), laps)
    medians = laps.medians()
    assert laps.sums()[0] == pytest.approx(sum(medians.values()))
