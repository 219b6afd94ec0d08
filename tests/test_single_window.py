"""One photo dropped into the window becomes a scene."""

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from tests.single_scenes import truth
from tests.window_parts import Answers, at_rest, button_of, click, drop, opened, ready, said, until


def test_one_photo_in_the_window(qapp: QApplication, tmp_path: Path) -> None:
    photo = tmp_path / "room.jpg"
    Image.fromarray(truth(0).photo).resize((160, 120)).save(photo, quality=95)
    with opened(tmp_path / "home", Answers()) as program:
        until(lambda: ready(program), 90)
        drop(program, photo)
        until(lambda: program.window.strip.model.names == [photo.name] and at_rest(program))
        click(button_of(program, "build"))
        until(lambda: program.state.step is not None, 60)
        until(lambda: not program.building.running, 120)
        content = program.state.content
        assert isinstance(content, SplatArrays)
        assert not (content.origin == Origin.OBSERVED).any()
        assert program.state.reconstruction is not None
        assert program.state.reconstruction.floor_found
        assert any("From one photo nothing can be measured" in words for words in said(program))
        assert program.building.can_build()
        assert not program.actions["go_on"].isEnabled()  # there is nothing to train on
