"""Measuring held-out photos while training goes on: within its part of the time, and rightly."""

import time

import pytest
import torch

from core.pipeline import build, watch
from core.pipeline.evaluate import picture, score
from core.pipeline.prepare import Flat
from core.train.steps import Snapshot, Step
from tests.scenes import cloud, front_view


def snapshot(iteration: int, rows: int = 50) -> Snapshot:
    step = Step(iteration, 100, iteration / 100, 0.1, 20.0, rows)
    return Snapshot(step, cloud(rows), torch.zeros(1, 2, 3))


def held_out(count: int) -> list[Flat]:
    noise = torch.randint(0, 255, (24, 32, 3), dtype=torch.uint8)
    return [Flat(f"{k}.jpg", noise, front_view(32, 24, turn=k), None) for k in range(count)]  # type: ignore[arg-type]


def never() -> bool:
    return False


def test_the_measure_is_that_of_the_finished_scene() -> None:
    photos = held_out(2)
    found = watch.Watch(photos, never).last(snapshot(7))
    scores = [score(picture(cloud(50), p.view), p.pixels.numpy()) for p in photos]
    assert found is not None
    assert found.iteration == 7
    assert found.psnr == pytest.approx(sum(s.psnr for s in scores) / 2)
    assert found.ssim == pytest.approx(sum(s.ssim for s in scores) / 2)


def test_it_keeps_to_its_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def slow_picture(*args: object) -> object:
        nonlocal now
        now += 0.5
        return picture(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(watch, "picture", slow_picture)
    watched = watch.Watch(held_out(1), never)
    measured = 0
    for k in range(200):
        now += 1.0
        measured += watched.after(snapshot(k)) is not None
    assert measured == pytest.approx(0.03 * 200 / 0.5, abs=1)
    assert watched.after(snapshot(200)) is None
    assert watched.last(snapshot(200)) is not None
    assert watched.last(snapshot(200)) is None


def test_without_photos_and_when_stopped_there_is_no_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert watch.Watch((), never).last(snapshot(1)) is None
    monkeypatch.setattr(watch, "FIRST", 0.0)
    stopped = watch.Watch(held_out(1), lambda: True)
    time.sleep(0.01)
    assert stopped.after(snapshot(1)) is None
    assert stopped.last(snapshot(1)) is not None


def test_values_that_are_no_numbers_never_leave_a_build() -> None:
    whole = snapshot(1).gaussians
    assert build._finite(whole) is whole
    whole.means[3, 1] = torch.nan
    whole.sh[9, 0, 0] = torch.inf
    assert len(build._finite(whole)) == 48
