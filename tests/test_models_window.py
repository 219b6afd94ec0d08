"""The sheet of models in the window: asks first, downloads, and agrees with who uses them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
pytest.importorskip("huggingface_hub", exc_type=ImportError)

from PySide6.QtWidgets import QApplication

from app.preferences import load
from app.program import Program
from tests.hub import Hub, serving
from tests.test_models import LARGE, NAME, files
from tests.window_parts import Answers, click, notice, opened, until
from widgets.panels.models_page import ModelsPage

SAM = "facebook/sam2.1-hiera-small"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "hub").mkdir()
    with serving({NAME: files()}) as served:
        yield served


def page_of(program: Program) -> ModelsPage:
    program.actions["models"].trigger()
    (page,) = (p for p in program.window.findChildren(ModelsPage) if p.isVisible())
    return page


def test_a_model_is_downloaded_once_the_user_agrees(
    qapp: QApplication, tmp_path: Path, hub: Hub
) -> None:
    answers = Answers(agrees=False)
    with opened(tmp_path, answers) as program:
        program.prior.models.endpoint = hub.endpoint
        page = page_of(program)
        line = page.lines[NAME]
        assert line.standing.text() == "not here"
        assert not line.fetch.isVisible()  # downloads are off unless they are allowed
        page.allow.click()
        assert load(tmp_path / "preferences.ini").downloads
        click(line.fetch)
        assert answers.asked == ["sure"]
        assert hub.asked == 0
        answers.agrees = True
        click(line.fetch)
        assert line.stop.isVisible()
        notice(program, f"{NAME} is here", 120)
        assert line.standing.text() == "here"
        large = list((tmp_path / "hub").glob("models--*/snapshots/*/unet/*.fp16.safetensors"))
        assert [file.read_bytes() == LARGE for file in large] == [True]
        click(line.use)
        assert program.state.plan.settings.prior == NAME
        assert program.document.undo_label == "Change prior"
        assert line.standing.text() == "in use"
        program.document.undo()
        assert line.standing.text() == "here"
        page.allow.click()
        assert not any(each.fetch.isVisible() for each in page.lines.values())
        page.reject()


def test_what_the_hub_refuses_is_told(qapp: QApplication, tmp_path: Path, hub: Hub) -> None:
    with opened(tmp_path) as program:
        program.prior.models.endpoint = hub.endpoint
        page = page_of(program)
        page.allow.click()
        click(page.lines[SAM].fetch)
        notice(program, "The hub knows no", 120)
        assert page.lines[SAM].fetch.isVisible()


def test_a_folder_can_be_named_and_masks_agree(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sam"
    folder.mkdir()
    with opened(tmp_path, Answers(file=folder)) as program:
        page = page_of(program)
        asked: list[str] = []
        monkeypatch.setattr(program.masking, "use", asked.append)
        click(page.lines[SAM].point)
        assert asked == [str(folder)]
        assert load(tmp_path / "preferences.ini").models == {SAM: folder}
        assert page.lines[SAM].standing.text() == "here"
        program.masking.place = str(folder)  # as once it is opened
        program.masking.opened.emit(str(folder))
        assert page.lines[SAM].standing.text() == "in use"
        assert program.actions["segmenter_folder"].isChecked()
        program.masking.place = ""
        program.masking.opened.emit("")
        until(lambda: page.lines[SAM].standing.text() == "here")
