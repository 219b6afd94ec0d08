"""The progress line: its words, its guess of the time left, its buttons."""

from dataclasses import replace

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets import theme
from widgets.panels import activity as words
from widgets.panels.activity import Activity
from widgets.panels.progress_line import ProgressLine
from widgets.panels.remaining import Track, seconds_left

LEFT = Qt.MouseButton.LeftButton
TRAINING = Activity(
    stage="Training", done=1500, total=3000, seconds_left=121, rate=14.2, gaussians=102_345,
    psnr_train=26.13, psnr_test=24.3, memory_mb=2130, running=True, pausable=True, stoppable=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "a few seconds left"),
        (4.9, "a few seconds left"),
        (7, "about 5 s left"),
        (48, "about 50 s left"),
        (55, "about 1 min left"),
        (100, "about 2 min left"),
        (29 * 60, "about 29 min left"),
        (59 * 60, "about 1 h left"),
        (3900, "about 1 h 5 min left"),
        (36_000, "about 10 h left"),
    ],
)
def test_time_left(seconds: float, told: str) -> None:
    assert words.time_left(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59.4, "59 s"), (185, "3 min 05 s"), (4800, "1 h 20 min"), (59.7, "1 min 00 s")],
)
def test_duration(seconds: float, told: str) -> None:
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0"), (950, "950"), (999.6, "1k"), (1000, "1k"), (1500, "1.5k"), (9_960, "10k"),
        (102_345, "102k"), (999_600, "1M"), (1_200_000, "1.2M"), (3e9, "3G"), (0.25, "0"),
    ],
)  # fmt: skip
def test_short_count(count: float, told: str) -> None:
    assert words.short_count(count) == told


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (26.13, 24.3, "PSNR 26.1 (test 24.3) dB"),
        (26.13, None, "PSNR 26.1 dB"),
        (None, 24.3, "PSNR test 24.3 dB"),
        (float("nan"), None, ""),
        (None, None, ""),
    ],
)
def test_psnr(train: float | None, test: float | None, told: str) -> None:
    assert words.psnr_words(train, test) == told


def test_facts_and_headline() -> None:
    assert words.facts(TRAINING) == (
        "about 2 min left", "14 it/s", "102k Gaussians", "PSNR 26.1 (test 24.3) dB", "2.1 GB",
    )  # fmt: skip
    held = replace(TRAINING, paused=True)
    assert words.facts(held) == ("102k Gaussians", "PSNR 26.1 (test 24.3) dB", "2.1 GB")
    assert words.headline(held) == "Training, paused"
    assert words.headline(replace(TRAINING, note="photo 3")) == "Training: photo 3"
    assert words.headline(Activity()) == "Ready"
    assert words.headline(Activity(engine="Warming up")) == "Warming up"
    assert words.memory(850.2) == "850 MB"
    assert words.rate(3.14) == "3.1"


def test_fraction() -> None:
    assert words.fraction(TRAINING) == 0.5
    assert words.fraction(Activity(done=3, total=0)) is None
    assert words.fraction(Activity(done=12, total=10)) == 1.0


def run(track: Track, seconds: int, rate: float, stage: str = "Training") -> Track:
    """A track after so many seconds more at `rate` a second, seen ten times a second."""
    start = track.samples[-1] if track.samples else None
    time, done = (start.time, start.fraction) if start and track.stage == stage else (0.0, 0.0)
    for _ in range(10 * seconds):
        time, done = time + 0.1, done + rate / 10
        track = track.after(stage, time, done)
    return track


def test_time_left_of_steady_work() -> None:
    track = run(Track(), 20, 0.01)
    assert seconds_left(track) == pytest.approx(80, rel=0.02)
    assert len(track.samples) < 60


def test_nothing_is_said_too_early() -> None:
    assert seconds_left(Track()) is None
    assert seconds_left(run(Track(), 1, 0.01)) is None
    stuck = Track()
    for i in range(100):
        stuck = stuck.after("Training", i, 0.3)
    assert seconds_left(stuck) is None


def test_a_new_stage_begins_anew() -> None:
    track = run(run(Track(), 20, 0.04), 1, 0.001, "Next")
    assert track.stage == "Next"
    assert seconds_left(track) is None
    again = run(Track(), 20, 0.04).after("Training", 21.0, 0.1)  # another try of the same stage
    assert len(again.samples) == 1


def test_slower_work_is_noticed() -> None:
    track = run(run(Track(), 30, 0.01), 120, 0.002)
    assert seconds_left(track) == pytest.approx((1 - 0.54) / 0.002, rel=0.1)


def test_a_hitch_moves_the_guess_little() -> None:
    track = run(Track(), 40, 0.005)
    last = track.samples[-1]
    track = run(track.after("Training", last.time + 8, last.fraction), 10, 0.005)
    left = seconds_left(track)
    assert left is not None
    assert left == pytest.approx(150, rel=0.3)
    assert seconds_left(track.resumed()) is None


@pytest.fixture
def line(qtbot: QtBot) -> ProgressLine:
    answer = ProgressLine()
    qtbot.addWidget(answer)
    answer.resize(1400, 44)
    answer.show()
    qtbot.waitExposed(answer)
    return answer


def test_buttons(line: ProgressLine, qtbot: QtBot) -> None:
    heard: list[str] = []
    line.pause_wanted.connect(lambda: heard.append("pause"))
    line.resume_wanted.connect(lambda: heard.append("resume"))
    line.stop_wanted.connect(lambda: heard.append("stop"))
    assert line.pause.isVisible()
    assert line.stop.isVisible()
    for button in (line.pause, line.stop):
        assert not button.isEnabled()
        qtbot.mouseClick(button, LEFT)
    line.show_activity(TRAINING)
    qtbot.mouseClick(line.pause, LEFT)
    line.show_activity(replace(TRAINING, paused=True))
    assert line.pause.text().strip() == line.pause.accessibleName() == "Resume"
    qtbot.mouseClick(line.pause, LEFT)
    qtbot.keyClick(line.stop, Qt.Key.Key_Space)
    line.show_activity(replace(TRAINING, stoppable=False, pausable=False))
    qtbot.mouseClick(line.stop, LEFT)
    assert heard == ["pause", "resume", "stop"]


def test_the_bar_shows_how_far(line: ProgressLine, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    for done in (750, 2250):
        line.show_activity(replace(TRAINING, done=done))
        image = line.bar.grab().toImage()
        middle = image.height() // 2
        filled = sum(
            QColor(image.pixel(x, middle)).name() == theme.DARK.accent for x in range(image.width())
        )
        assert filled / image.width() == pytest.approx(done / 3000, abs=0.05)
    assert line.percent.text() == "75 %"
    line.show_activity(Activity(stage="Reading", running=True))
    assert (line.bar.minimum(), line.bar.maximum()) == (0, 0)
    assert line.percent.text() == ""


def test_narrow_windows_show_whole_facts(line: ProgressLine, qtbot: QtBot) -> None:
    line.show_activity(TRAINING)
    qtbot.wait(20)
    everything = "  ·  ".join(words.facts(TRAINING))
    assert line.facts.text() == everything
    line.resize(760, 44)
    qtbot.wait(20)
    assert line.facts.text()
    assert everything.startswith(line.facts.text() + "  ·  ")
    line.grab()
    assert line.facts.toolTip() == line.facts.accessibleName() == everything
    line.resize(1400, 44)
    qtbot.wait(20)
    assert line.facts.text() == everything
    line.grab()
    assert line.facts.toolTip() == ""
    assert line.pause.isVisible()
