"""Networks of the user's in the whole window: things made whole, and photos drawn from words."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.scene.additions import FIRST_INSERTED, Kind
from core.scene.document import State
from tests import pictured_scenes as pictured
from tests import pipeline_networks as pipelines
from tests import prior_networks as networks
from tests.display import missing_display
from tests.window_parts import CONTROL, Answers, notice, press, until

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


def made(program: Program) -> list[Kind]:
    return [each.kind for each in program.state.plan.additions]


@pytest.mark.slow
def test_a_thing_is_made_whole_from_its_picture(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    """A network is asked for once; one whose package is missing is told of; it is one step."""
    scene, photos = pictured.captured(Origin.REGULARISED, 1, pictured.CRATE)
    project = pictured.project_of(tmp_path, scene, photos)
    program.document.load(pictured.state_of(project))
    program.show_workspace("layout")
    action = program.actions["complete_pictured"]
    assert not action.isEnabled()
    program.arranging.choose((pictured.CHAIR,))
    until(action.isEnabled)
    (tmp_path / "trellis").mkdir()
    (tmp_path / "trellis" / "pipeline.json").write_text('{"name": "TrellisImageTo3DPipeline"}')
    answers.file = tmp_path / "trellis"
    action.trigger()
    notice(program, "whose package trellis cannot start", 120)
    assert program.memory.preferences.maker == str(answers.file)
    assert made(program) == []
    place = pipelines.saved(tmp_path / "shap-e", pipelines.shap_e())
    program.memory.choose("maker", str(place))
    before = program.state.plan
    action.trigger()
    until(program.window.layout_panel.making.isVisible)
    until(lambda: made(program) == [Kind.THING], 500)
    assert program.document.undo_label == "Complete from its picture"
    assert program.state.placed == (FIRST_INSERTED,)
    assert pictured.CHAIR in program.state.plan.layout.removed
    content = program.state.content
    assert isinstance(content, SplatArrays)
    own = content.object_id == FIRST_INSERTED
    assert (content.origin[own] == Origin.IMAGINED).all()
    press(program.window, Qt.Key.Key_Z, CONTROL)
    assert program.state.plan is before
    program.memory.choose("maker", "")


@pytest.mark.slow
def test_words_become_a_photo(program: Program, answers: Answers, tmp_path: Path) -> None:
    parts = networks.stable()
    parts["unet"].register_to_config(sample_size=16)
    pipeline = networks.pipeline("StableDiffusionPipeline", parts)
    answers.file = pipelines.saved(tmp_path / "sd", pipeline)
    program.document.load(State())
    program.show_workspace("photos")
    program.actions["draw_photo"].trigger()
    until(lambda: program.state.plan.capture is not None, 300)
    (photo,) = program.state.plan.capture.photos  # type: ignore[union-attr]
    assert photo.path.is_relative_to(program.work)
    assert program.memory.preferences.drawer == str(answers.file)
    asked = answers.asked.count("network")
    program.actions["draw_photo"].trigger()
    until(lambda: len(program.state.plan.capture.photos) == 2, 300)  # type: ignore[union-attr]
    assert answers.asked.count("network") == asked
