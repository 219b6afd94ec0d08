"""Networks that edit, draw and make bodies, as small random ones in the real formats."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Unavailable, UserError
from core.pictured.protocol import Body
from core.prior.backends.drawing import drawn
from core.prior.backends.editors import MULTIPLE, PipelineEditor, load_editor, sides
from core.prior.backends.shap_e import ShapE, load_shap_e, on_white
from tests import pipeline_networks as pipelines
from tests import prior_networks as networks

PHOTO = np.random.default_rng(0).integers(0, 255, (100, 250, 3), dtype=np.uint8)
AREA = 96 * 96


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the program has it: many threads over small networks wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a pipeline of that name lies, made once."""
    home = tmp_path_factory.mktemp("pipelines")

    def made(name: str) -> Path:
        if (home / name).is_dir():
            return home / name
        return pipelines.saved(home / name, getattr(pipelines, name)())

    return made


@pytest.mark.parametrize("name", ["klein", "kontext", "qwen"])
def test_editors_answer_in_the_size_they_are_asked_in(
    name: str, folder: Callable[[str], Path]
) -> None:
    editor = load_editor(str(folder(name)))
    assert isinstance(editor, PipelineEditor)
    small = replace(editor, area=AREA)
    answers = [list(small.edit(PHOTO, "make it whole", seed))[-1] for seed in (0, 0, 1)]
    for answer in answers:
        assert isinstance(answer, np.ndarray)
        assert answer.shape == PHOTO.shape
        assert answer.dtype == np.uint8
    np.testing.assert_array_equal(answers[0], answers[1])
    assert (answers[0] != answers[2]).any()


@pytest.mark.parametrize(("wide", "tall"), [(2133, 853), (1280, 1280), (1500, 2780)])
def test_pictures_are_brought_to_what_networks_know(wide: int, tall: int) -> None:
    across, down = sides(wide, tall, 1024 * 1024)
    assert across % MULTIPLE == down % MULTIPLE == 0
    assert across * down == pytest.approx(1024 * 1024, rel=0.05)
    assert across / down == pytest.approx(wide / tall, rel=0.04)


def test_shap_e_makes_a_body(folder: Callable[[str], Path]) -> None:
    maker = load_shap_e(str(folder("shap_e")))
    assert isinstance(maker, ShapE)
    small = replace(maker, grid=12, steps=2)
    bodies = [list(small.make(pipelines.chair(64), 0))[-1] for _ in range(2)]
    (one,), (two,) = (body.parts for body in bodies if isinstance(body, Body))
    np.testing.assert_array_equal(one.corners, two.corners)
    assert len(one.corners) > 100
    assert one.colors.min() >= 0
    assert one.colors.max() <= 1
    # The box that it looks into reaches from -1 to 1.
    assert np.abs(np.abs(one.corners).max(axis=(0, 1)) - 1).max() < 0.2


def test_a_body_of_nothing_is_told(folder: Callable[[str], Path]) -> None:
    maker = load_shap_e(str(folder("shap_e")))
    assert isinstance(maker, ShapE)
    maker.pipeline.shap_e_renderer.mlp.mlp[-1].bias[0] = -50.0
    with pytest.raises(UserError, match="made nothing"):
        list(replace(maker, grid=8, steps=1).make(pipelines.chair(64), 0))


def test_pictures_are_laid_on_white() -> None:
    laid = on_white(pipelines.chair(64))
    assert (laid[0, 0] == 255).all()
    assert (laid[20, 32] == (150, 90, 40)).all()


def test_words_are_drawn(tmp_path: Path) -> None:
    pipeline = networks.pipeline("StableDiffusionPipeline", networks.stable())
    where = str(pipelines.saved(tmp_path / "sd", pipeline))
    one, two = (list(drawn(where, "a room", seed))[-1] for seed in (0, 0))
    assert isinstance(one, np.ndarray)
    assert one.dtype == np.uint8
    assert one.shape[1] >= one.shape[0]
    np.testing.assert_array_equal(one, two)


def without_index(folder: Path) -> None:
    (folder / "model_index.json").unlink()


def cut_off(folder: Path) -> None:
    file = next((folder / "transformer").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-100])


def without_weights(folder: Path) -> None:
    next((folder / "vae").glob("*.safetensors")).unlink()


def without_tokenizer(folder: Path) -> None:
    shutil.rmtree(folder / "tokenizer")


def of_another_class(folder: Path) -> None:
    file = folder / "model_index.json"
    file.write_text(file.read_text().replace("Flux2KleinPipeline", "WanPipeline"))


def of_the_future(folder: Path) -> None:
    file = folder / "model_index.json"
    file.write_text(file.read_text().replace("Flux2KleinPipeline", "QwenImageEditPlusPipeline"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_index, "holds no model"),
        (cut_off, "transformer is cut off or damaged"),
        (without_weights, "vae has no weights"),
        (without_tokenizer, "tokenizer is missing"),
        (of_another_class, "is a WanPipeline, and an editor of pictures is wanted"),
    ],
)
def test_what_is_wrong_with_a_folder_is_told(
    spoil: Callable[[Path], None], words: str, folder: Callable[[str], Path], tmp_path: Path
) -> None:
    copy = shutil.copytree(folder("klein"), tmp_path / "copy")
    spoil(copy)
    with pytest.raises(UserError, match=words) as caught:
        load_editor(str(copy))
    assert caught.value.problem.count(". ") == 0
    assert caught.value.hint


def test_what_is_not_there_is_told(
    folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match="neither a folder"):
        load_editor("nobody/nothing")
    diffusers, _ = networks.packages()
    copy = shutil.copytree(folder("klein"), tmp_path / "copy")
    of_the_future(copy)
    monkeypatch.setattr(diffusers, "QwenImageEditPlusPipeline", None, raising=False)
    with pytest.raises(Unavailable, match="does not know QwenImageEditPlusPipeline"):
        load_editor(str(copy))
