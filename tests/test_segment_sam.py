"""Segment Anything: real formats with small random networks, and parity with its own predictor."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Unavailable, UserError
from core.segment.marks import painted
from core.segment.protocol import Box, Prompt, Segmenter, Stroke
from core.segment.sam import Sam, pixel_values
from core.segment.sam_files import load_network, read_checkpoint
from tests.sam_networks import photo, saved_checkpoint, saved_folder, segment_anything, small_sam

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the packages' own


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_checkpoint(tmp_path_factory.mktemp("sam"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("folders")
    return {kind: saved_folder(folder, kind) for kind in ("sam", "sam2")}


@pytest.mark.parametrize("size", [(90, 130), (131, 57), (1300, 1100)])
def test_pictures_are_prepared_as_by_its_own_predictor(
    checkpoint: Path, size: tuple[int, int]
) -> None:
    network, picture = load_network(str(checkpoint)), photo(*size)
    with segment_anything() as package:
        sam = small_sam(package)
        resized = package.SamPredictor(sam).transform.apply_image(picture)
        theirs = sam.preprocess(torch.as_tensor(resized).permute(2, 0, 1)[None])
    assert torch.equal(pixel_values(picture, network), theirs)


def test_places_are_counted_as_by_its_own_predictor(checkpoint: Path) -> None:
    sam, places = Sam.open(str(checkpoint)), np.array([[0.0, 0], [17, 80], [129, 89]])
    with segment_anything() as package:
        theirs = package.SamPredictor(small_sam(package)).transform.apply_coords(places, (90, 130))
    # Theirs are numbers of pixels, ours the middles of those.
    ours = sam._places(places + 0.5, 90, 130)
    assert torch.equal(ours, torch.as_tensor(theirs, dtype=torch.float))


@pytest.mark.parametrize("with_box", [False, True])
def test_answers_are_those_of_its_own_predictor(checkpoint: Path, with_box: bool) -> None:
    picture = photo()
    with segment_anything() as package:
        predictor = package.SamPredictor(small_sam(package))
        predictor.set_image(picture)
        theirs, scores, _ = predictor.predict(
            point_coords=np.array([[40, 30]]), point_labels=np.array([1]),
            box=np.array([20, 10, 79, 69]) if with_box else None,
            multimask_output=not with_box, return_logits=True,
        )  # fmt: skip
    prompt = Prompt(box=Box(20, 10, 80, 70) if with_box else None).with_point(40.5, 30.5, True)
    sam = Sam.open(str(checkpoint))
    answer = sam.segment(sam.embed(picture), prompt)
    order = np.argsort(-scores)
    np.testing.assert_allclose([a.score for a in answer.candidates], scores[order], atol=1e-4)
    for each, logits in zip(answer.candidates, theirs[order], strict=True):
        sure = np.abs(logits) > 1e-3
        inside = (logits > 0)[sure]
        clicked = np.zeros((90, 130), bool)
        clicked[30, 40] = True  # settled by the click, whatever the network says
        assert np.array_equal(each.mask[sure & ~clicked], inside[~clicked[sure]])


@pytest.mark.parametrize("kind", ["sam", "sam2"])
def test_folders_answer_every_kind_of_prompt(
    folders: dict[str, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.segment.sam.GRID", 2)
    sam, picture = Sam.open(str(folders[kind])), photo()
    assert isinstance(sam, Segmenter)
    embedded = sam.embed(picture)
    stroke = Stroke(np.array([[20.0, 20], [60, 50]]), 3, True)
    known = np.random.default_rng(0).integers(-1, 2, (90, 130)).astype(np.int8)
    one = Prompt().with_point(40.5, 30.5, True)
    assert len(sam.segment(embedded, one).candidates) == 3
    for prompt in (
        one.with_point(90, 60, False),
        Prompt(box=Box(10, 10, 60, 60)),
        Prompt(strokes=(stroke,), known=known),
        Prompt(mask=known > 0).with_point(3, 3, True),
    ):
        for each in sam.segment(embedded, prompt).candidates:
            assert each.mask.shape == (90, 130)
            if prompt.known is not None:
                assert not each.mask[(known < 0) & (painted(stroke, 90, 130) == 0)].any()
    assert not sam.segment(embedded, Prompt()).mask.any()
    assert isinstance(sam.propose(embedded), tuple)


def test_a_network_says_the_same_twice(folders: dict[str, Path]) -> None:
    prompt = Prompt().with_point(40.5, 30.5, True)
    first, second = (Sam.open(str(folders["sam2"])) for _ in range(2))
    one = first.segment(first.embed(photo()), prompt)
    two = second.segment(second.embed(photo()), prompt)
    assert np.array_equal(one.mask, two.mask)


def test_truncated_checkpoints_are_told(checkpoint: Path, tmp_path: Path) -> None:
    whole = checkpoint.read_bytes()
    for share in (0.02, 0.5, 0.999):
        path = tmp_path / "cut.pth"
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(UserError, match=r"cut\.pth is cut off or damaged"):
            load_network(str(path))


def test_files_that_are_no_checkpoints_are_told(tmp_path: Path) -> None:
    path = tmp_path / "words.pth"
    path.write_text("these are no weights")
    with pytest.raises(UserError, match=r"words\.pth"):
        read_checkpoint(path)
    torch.save([1, 2, 3], path)
    with pytest.raises(UserError, match="holds no network's weights"):
        read_checkpoint(path)
    with pytest.raises(Unavailable, match="There is no file"):
        read_checkpoint(tmp_path / "missing.pth")


def test_other_architectures_are_told(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"fc.weight": torch.zeros(3, 3)}, path)
    with pytest.raises(UserError, match="is not of segment-anything"):
        load_network(str(path))
    torch.save({"model": {"image_encoder.trunk.pos_embed": torch.zeros(1)}}, path)
    with pytest.raises(UserError, match="it is of SAM 2"):
        load_network(str(path))
    weights = read_checkpoint(checkpoint)
    name = "mask_decoder.output_upscaling.0.weight"
    torch.save({**weights, name: torch.zeros(1, 2, 3)}, path)
    with pytest.raises(UserError, match="does not fit"):
        load_network(str(path))
    torch.save({n: v for n, v in weights.items() if "rel_pos_h" not in n}, path)
    with pytest.raises(UserError, match="lacks a part"):
        load_network(str(path))


def test_wrong_folders_are_told(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json is missing or damaged"):
        load_network(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match="is a bert, none of sam"):
        load_network(str(tmp_path))
    (tmp_path / "config.json").write_bytes((folders["sam"] / "config.json").read_bytes())
    with pytest.raises(UserError, match="cannot be read"):
        load_network(str(tmp_path))
    weights = (folders["sam"] / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(UserError, match="cannot be read"):
        load_network(str(tmp_path))


def test_names_that_are_not_here_are_never_downloaded() -> None:
    with pytest.raises(Unavailable, match="neither a folder nor a model that was downloaded"):
        load_network("nobody/nothing-of-the-kind")
