"""Words: real formats with small random networks, and parity with the packages' own processors."""

import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import Unavailable, UserError
from core.segment import words
from core.segment.protocol import Answer, Box, Mask, WordFinder
from core.segment.sam import Sam
from core.segment.word_kinds import understands_words
from core.segment.words import (
    BoxFinder,
    MaskFinder,
    dino_size,
    dino_values,
    open_finder,
    phrases_in,
)
from tests.sam_networks import photo
from tests.word_networks import saved_dino, saved_sam3

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the packages' own
HEIGHT, WIDTH = 90, 130


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_dino(tmp_path_factory.mktemp("dino"))


@pytest.fixture(scope="module")
def sam3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_sam3(tmp_path_factory.mktemp("sam3"))


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "SHORT", 96)
    monkeypatch.setattr(words, "LONG", 160)


def filled(box: Box) -> Answer:
    """As a segmenter that takes all of a box."""
    mask: Mask = np.zeros((HEIGHT, WIDTH), bool)
    left, top, right, bottom = (round(side) for side in box)
    mask[top:bottom, left:right] = True
    return Answer(mask, 1.0)


@contextmanager
def sam3_processor() -> Iterator[Any]:
    """The package's class, whose file wants a function of torchvision that is not used here."""
    boxes = ModuleType("torchvision.ops.boxes")
    boxes.batched_nms = None  # type: ignore[attr-defined]
    missing = {"torchvision.ops.boxes": boxes}
    for name in ("torchvision", "torchvision.ops"):
        missing[name] = ModuleType(name)
    missing = {name: module for name, module in missing.items() if name not in sys.modules}
    sys.modules.update(missing)
    try:
        module = importlib.import_module("transformers.models.sam3.image_processing_sam3")
        yield module.Sam3ImageProcessor
    finally:
        for name in missing:
            del sys.modules[name]


@pytest.mark.parametrize(
    ("size", "sides"),
    [((90, 130), (800, 1333)), ((3024, 4032), (800, 1333)), ((500, 4000), (800, 1333)),
     ((131, 57), (96, 160)), ((96, 100), (96, 160)), ((57, 310), (96, 160))],
)  # fmt: skip
def test_pictures_have_the_sizes_of_its_own_processor(
    size: tuple[int, int], sides: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.image_transforms import get_size_with_aspect_ratio

    monkeypatch.setattr(words, "SHORT", sides[0])
    monkeypatch.setattr(words, "LONG", sides[1])
    assert dino_size(*size) == get_size_with_aspect_ratio(size, *sides)


@pytest.mark.parametrize("size", [(90, 130), (131, 57)])
def test_pictures_are_prepared_as_by_its_own_processor(size: tuple[int, int]) -> None:
    picture = photo(*size)
    told = {"shortest_edge": words.SHORT, "longest_edge": words.LONG}
    theirs = own_dino_processor()(size=told)(images=picture, return_tensors="pt")
    assert theirs["pixel_mask"].all()
    torch.testing.assert_close(
        dino_values(picture), theirs["pixel_values"].float(), atol=1e-6, rtol=0
    )


def own_dino_processor() -> Any:
    """The one that needs no torchvision, under the name that it has in this version."""
    name = "GroundingDinoImageProcessor"
    found = getattr(transformers, f"{name}Pil", None) or getattr(transformers, name)
    if "torchvision" in str(getattr(found, "_backends", "")):
        pytest.skip("this version's processor needs torchvision")
    return found


def test_boxes_are_those_of_its_own_processor(dino: Path) -> None:
    finder, picture = open_finder(str(dino)), photo()
    assert isinstance(finder, BoxFinder)
    assert isinstance(finder, WordFinder)
    looked = finder.look(picture)
    told = finder.tokenizer("red chair.", return_tensors="pt")
    with torch.no_grad():
        out = finder.model(pixel_values=dino_values(picture), **told)
    own = transformers.GroundingDinoProcessor
    (theirs,) = own.post_process_grounded_object_detection(
        Decodes(), out, told["input_ids"], threshold=words.LIKELY["dino"],
        target_sizes=[(HEIGHT, WIDTH)],
    )  # fmt: skip
    ours = finder.boxes(looked, "Red chair")
    assert len(ours) == len(theirs["boxes"]) > 3
    inside = torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])
    boxes = theirs["boxes"].clamp_min(0).minimum(inside).tolist()
    np.testing.assert_allclose([box for box, _ in ours], boxes, atol=1e-3)
    np.testing.assert_allclose([s for _, s in ours], theirs["scores"].tolist(), atol=1e-5)


class Decodes:
    """As much of a processor as turning boxes out takes."""

    def batch_decode(self, ids: object) -> list[str]:
        return []


def test_only_likely_boxes_are_filled_and_each_once(
    dino: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = open_finder(str(dino))
    assert isinstance(finder, BoxFinder)
    looked = finder.look(photo())
    boxes = finder.boxes(looked, "chair")
    found = finder.find(looked, "chair", filled)
    assert 0 < len(found) <= len(boxes)
    scores = [each.answer.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(max(score for _, score in boxes))
    for each in found:
        assert np.array_equal(each.answer.mask, filled(each.box).mask)
    middle = sorted(score for _, score in boxes)[len(boxes) // 2]
    monkeypatch.setitem(words.LIKELY, "dino", middle)
    assert {score for _, score in finder.boxes(looked, "chair")} == {
        score for _, score in boxes if score > middle
    }


def test_commas_part_several_names(dino: Path) -> None:
    assert phrases_in(" Red  chair, a lamp.;") == ["Red chair", "a lamp"]
    finder = open_finder(str(dino))
    looked = finder.look(photo())
    both = finder.find(looked, "chair, lamp", filled)
    alone = [finder.find(looked, name, filled) for name in ("chair", "lamp")]
    assert {each.words for each in both} <= {"chair", "lamp"}
    best = max(each[0].answer.score for each in alone)
    assert both[0].answer.score == pytest.approx(best)
    assert finder.find(looked, " , ", filled) == ()


def test_masks_are_those_of_sam_3s_own_processor(
    sam3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(words.LIKELY, "sam3", 0.1)
    monkeypatch.setattr(words, "SAME", 2.0)  # nothing is one
    finder, picture = open_finder(str(sam3)), photo()
    assert isinstance(finder, MaskFinder)
    looked = finder.look(picture)
    found = finder.find(looked, "chair", filled)
    told = finder.tokenizer("chair", return_tensors="pt", padding="max_length", max_length=32)
    with torch.no_grad():
        from core.segment.sam import pixel_values
        from core.segment.sam_files import Kind, Network

        values = pixel_values(picture, Network(finder.model, Kind.SAM3, 112))
        out = finder.model(pixel_values=values, **told)
    with sam3_processor() as own:
        (theirs,) = own.post_process_instance_segmentation(
            None, out, threshold=0.1, target_sizes=[(HEIGHT, WIDTH)]
        )
    order = theirs["scores"].argsort(descending=True)
    full = [i for i in order.tolist() if theirs["masks"][i].any()]
    assert len(found) == len(full) > 0
    for each, i in zip(found, full, strict=True):
        assert each.answer.score == pytest.approx(float(theirs["scores"][i]), abs=1e-5)
        np.testing.assert_allclose(each.box, theirs["boxes"][i].tolist(), atol=1e-3)
        differing = each.answer.mask != (theirs["masks"][i].numpy() > 0)
        assert differing.mean() < 1e-3  # where a share is one half to the last digit


def test_one_folder_of_sam_3_knows_words_and_clicks(sam3: Path, dino: Path, tmp_path: Path) -> None:
    assert understands_words(str(sam3))
    assert understands_words(str(dino))
    assert not understands_words("")
    assert not understands_words(str(tmp_path))
    sam = Sam.open(str(sam3))
    with torch.no_grad():
        seen = sam.embed(photo())
    from core.segment.protocol import Prompt

    answer = sam.segment(seen, Prompt().with_point(40.5, 30.5, True))
    assert len(answer.candidates) == 3
    assert answer.mask[30, 40]


def test_a_network_says_the_same_twice(sam3: Path) -> None:
    one, two = (open_finder(str(sam3)) for _ in range(2))
    scores = []
    for finder in (one, two):
        found = finder.find(finder.look(photo()), "lamp", filled)
        scores.append([each.answer.score for each in found])
    assert scores[0] == scores[1]


def test_wrong_folders_are_told(dino: Path, sam3: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json is missing or damaged"):
        open_finder(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match="is a bert, neither Grounding DINO nor SAM 3"):
        open_finder(str(tmp_path))
    with pytest.raises(Unavailable, match="neither a folder nor a model that was downloaded"):
        open_finder("nobody/nothing-of-the-kind")
    for whole in (dino, sam3):
        cut = tmp_path / whole.name
        shutil.copytree(whole, cut)
        weights = cut / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
        with pytest.raises(UserError, match="cannot be read"):
            open_finder(str(cut))


def test_folders_without_words_are_told(dino: Path, sam3: Path, tmp_path: Path) -> None:
    for whole in (dino, sam3):
        bare = tmp_path / whole.name
        shutil.copytree(whole, bare)
        for name in ("vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json"):
            (bare / name).unlink(missing_ok=True)
        with pytest.raises(UserError, match="words' list"):
            open_finder(str(bare))


def test_the_half_of_sam_3_for_words_knows_no_clicks(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "sam3"}))
    with pytest.raises(UserError, match="knows no clicks"):
        Sam.open(str(tmp_path))
