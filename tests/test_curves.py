"""The curves: what is drawn, what is read out, and that nothing is left behind."""

import gc
import os
import subprocess
import sys
import weakref

import pytest

from tests.conftest import REPOSITORY

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.train.steps import Step
from widgets import theme
from widgets.panels import curves as curves_module
from widgets.panels.curve_data import arranged
from widgets.panels.curves import Curves


def step(iteration: int) -> Step:
    done = iteration / 1000
    return Step(iteration, 1000, done, 0.3 - 0.2 * done, 15 + 10 * done, 1000 + 50 * iteration)


@pytest.fixture
def curves(qtbot: QtBot, qapp: QApplication) -> Curves:
    theme.apply(qapp, "dark")
    answer = Curves()
    qtbot.addWidget(answer, before_close_func=lambda widget: widget.release())
    answer.resize(320, 460)
    return answer


def filled(curves: Curves, qtbot: QtBot) -> None:
    for iteration in range(1, 1001):
        curves.add(step(iteration))
    for iteration in (300, 600, 900):
        curves.add_test(iteration, 14 + iteration / 120)
    curves.show()
    qtbot.waitUntil(lambda: curves._canvas is not None)
    qtbot.wait(100)


def screen(curves: Curves) -> QImage:
    return curves.grab().toImage()


def near(image: QImage, color: str, x: float, y: float, reach: int = 5) -> bool:
    """Whether a pixel within `reach` of this place is of about `color`."""
    wanted = QColor(color)
    return any(
        abs(found.red() - wanted.red())
        + abs(found.green() - wanted.green())
        + abs(found.blue() - wanted.blue())
        < 90
        for i in range(-reach, reach + 1)
        for k in range(-reach, reach + 1)
        if (found := QColor(image.pixel(round(x) + i, round(y) + k)))
    )


def test_curves_are_drawn_where_they_belong(curves: Curves, qtbot: QtBot) -> None:
    filled(curves, qtbot)
    image = screen(curves)
    colors = theme.DARK.curves
    loss, psnr, count = arranged(320, 460)
    # Loss falls from 0.3 to 0.1 on an axis from 0.1 to 0.3; the Gaussians rise.
    for part in (0.25, 0.75):
        assert near(image, colors[0], loss.left + part * loss.width, loss.top + part * loss.height)
        assert near(image, colors[3], count.left + part * count.width, _rising(count, part))
        across = psnr.left + part * psnr.width
        assert not near(image, colors[0], across, psnr.bottom - 0.02 * psnr.height)
    assert near(image, colors[1], psnr.right - 2, psnr.bottom - psnr.height * 1.0, 8)
    test = psnr.left + 0.6 * psnr.width, psnr.bottom - psnr.height * (19 - 15) / 10
    assert near(image, colors[2], *test)


def _rising(area: object, part: float) -> float:
    value = 1000 + 50_000 * part
    return area.bottom - area.height * value / 60_000  # type: ignore[attr-defined]


def test_the_mouse_reads_values_out(curves: Curves, qtbot: QtBot) -> None:
    filled(curves, qtbot)
    assert curves.text.told(0) == ["0.1000"]
    area = arranged(320, 460)[1]
    qtbot.mouseMove(curves.text, QPoint(round(area.left + area.width / 2), 200))
    qtbot.waitUntil(lambda: curves.text.hovered() is not None)
    assert curves.text.hovered() == pytest.approx(500, abs=5)
    assert curves.text.told(1) == ["training 20.0", "test 19.0"]
    assert curves.text.told(2)[0].startswith("26,")
    curves.text.hover(2)  # beside the plots
    assert curves.text.told(0) == ["0.1000"]


def test_the_theme_is_followed(curves: Curves, qtbot: QtBot, qapp: QApplication) -> None:
    filled(curves, qtbot)
    theme.apply(qapp, "light")
    qtbot.waitUntil(lambda: not curves._stale)
    qtbot.wait(50)
    image = screen(curves)
    assert QColor(image.pixel(316, 456)).name() == theme.LIGHT.panel
    area = arranged(320, 460)[0]
    assert near(
        image, theme.LIGHT.curves[0], area.left + area.width / 2, area.top + area.height / 2
    )


def test_drawing_is_rare_and_only_while_seen(
    curves: Curves, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    show = Curves._show
    monkeypatch.setattr(Curves, "_show", lambda self: (drawn.append(1), show(self))[1])
    for iteration in range(1, 100):
        curves.add(step(iteration))
    qtbot.wait(50)
    assert drawn == []
    curves.show()
    qtbot.waitUntil(lambda: drawn == [1])
    for iteration in range(100, 160):
        curves.add(step(iteration))
        qtbot.wait(10)
    assert 1 <= len(drawn) <= 5
    curves.hide()
    count = len(drawn)
    curves.add(step(200))
    qtbot.wait(300)
    assert len(drawn) == count


def test_clearing(curves: Curves, qtbot: QtBot) -> None:
    filled(curves, qtbot)
    curves.clear()
    qtbot.waitUntil(lambda: not curves._stale)
    assert curves.text.told(0) == []
    assert curves.text.hovered() is None


def test_nothing_is_left_behind(qtbot: QtBot, qapp: QApplication) -> None:
    canvases = []
    for _ in range(4):
        curves = Curves()
        curves.resize(200, 200)
        curves.add(step(1))
        curves.show()
        qtbot.waitUntil(lambda curves=curves: curves._canvas is not None)
        canvases.append(weakref.ref(curves._canvas))
        curves.release()
        assert curves._canvas is None
        curves.close()
        curves.deleteLater()
        qtbot.wait(20)
    del curves
    gc.collect()
    assert [canvas() for canvas in canvases] == [None] * 4


def test_released_and_shown_again(curves: Curves, qtbot: QtBot) -> None:
    filled(curves, qtbot)
    curves.hide()
    curves.release()
    curves.show()
    qtbot.waitUntil(lambda: curves._canvas is not None)
    assert curves.can_draw()


def test_errors_of_the_driver_become_a_sentence(
    curves: Curves, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(curves, qtbot)
    canvas = curves._canvas

    def broken() -> None:
        raise RuntimeError("no shaders today")

    canvas._fit = broken
    curves.add(step(2000))
    qtbot.waitUntil(lambda: not curves.can_draw())
    assert curves.sorry.isVisible()
    assert "OpenGL" in curves.sorry.text()
    assert "no shaders today" in capsys.readouterr().err
    qtbot.waitUntil(lambda: curves._canvas is None)
    curves.add(step(2001))


def test_no_opengl_at_all_becomes_a_sentence() -> None:
    """On a platform of Qt's without OpenGL, in a process of its own."""
    program = """
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from widgets.panels.curves import Curves
application = QApplication([])
curves = Curves()
curves.show()
loop = QEventLoop()
QTimer.singleShot(300, loop.quit)
loop.exec()
print(curves.can_draw(), curves.sorry.isVisible())
"""
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=REPOSITORY,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    assert found.stdout.split() == ["False", "True"]


def test_the_pause_follows_the_cost(curves: Curves) -> None:
    curves.redraw_ms = 20.0
    curves.show()
    curves._timer.stop()
    curves.add(step(1))
    assert curves._timer.interval() == pytest.approx(20 / curves_module.SHARE, abs=1)
    curves._timer.stop()
    curves.redraw_ms = 1.0
    curves.add(step(2))
    assert curves._timer.interval() == curves_module.PAUSE_MS
