"""Things described in words: completed in a build by a small random network, or told why not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from core.capture.photos import Capture
from core.errors import UserError
from core.export.ply import read_ply
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.pipeline.described import NOTHING_SAID, SHARE, Paced, completing, with_words
from core.pipeline.events import Remark
from core.pipeline.priors import check_prior
from core.pipeline.settings import PRESETS, Preset, Settings, settings_from_json
from core.prior.allowance import picture_work
from core.prior.object_distillation import DistillConfig, ObjectDistillation
from core.project.mask_files import masks_to_json, read_masks
from core.segment.labels import SceneObject
from core.segment.masks import Masks
from core.train.terms import Added, Manner, Term
from tests import prior_networks as networks
from tests.small_room import HEIGHT, SAMPLE, WIDTH, arguments, make_room
from tests.test_object_distillation import MANNER, PHOTO, PROMPTS, RED, SCREEN, box_room

ARMCHAIR = 7  # in the sample's masks
QUICK = PRESETS[Preset.QUICK]
THING = SceneObject(SCREEN, "Screen", "#808080", words="a red screen")


@pytest.fixture(scope="module")
def stable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stable") / "sd"
    networks.pipeline("StableDiffusionPipeline", networks.stable()).save_pretrained(folder)
    return folder


def asked_for(settings: Settings, *objects: SceneObject) -> tuple[list[str], tuple[Term, ...]]:
    """What is told, and what training is to meet."""
    steps = completing(settings, objects, box_room(), [PHOTO], lambda: False)
    told: list[str] = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return told, end.value
        if isinstance(step, Remark):
            told.append(step.words)


def described_masks() -> Masks:
    return Masks((*Masks().objects, THING), next_id=THING.id + 1)


def test_masks_are_described_by_their_names() -> None:
    masks = replace(described_masks(), objects=(*Masks().objects, replace(THING, words="")))
    described = with_words(masks, {"screen": "a red screen"})
    assert described.objects == (*Masks().objects, THING)
    assert with_words(described, {}) == described
    with pytest.raises(UserError, match='No mask is called "chair"'):
        with_words(masks, {"chair": "a chair"})


def test_a_project_keeps_words_and_opens_without(tmp_path: Path) -> None:
    masks = described_masks()
    content: Any = json.loads(json.dumps(masks_to_json(masks)))
    assert read_masks(content, tmp_path, Capture(())).objects == masks.objects
    for row in content["objects"]:
        del row["words"]
    older = read_masks(content, tmp_path, Capture(()))
    assert older.objects[-1] == replace(THING, words="")
    settings = replace(QUICK, words_prior="somewhere")
    assert settings_from_json(settings.as_json()) == settings


@pytest.mark.parametrize(("work", "part"), [(1.0, 1.0), (8.0, 3 / 8), (1e9, 0.0)])
def test_questions_take_no_more_than_their_share(work: float, part: float) -> None:
    class Asking:
        asked = 0

        def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
            self.asked += 1
            return "an answer"  # type: ignore[return-value]

    scene, term = box_room(), Asking()
    unit = picture_work(100.0, len(scene))
    paced = Paced(term, lambda _: work * unit, 100.0)  # type: ignore[arg-type]
    answers = [paced.added(scene, k / 80, MANNER) for k in range(80)]
    assert term.asked == sum(each is not None for each in answers) == int(80 * part)
    assert work * term.asked <= 80 * SHARE


def test_what_is_not_asked_costs_nothing() -> None:
    late = ObjectDistillation(RED, [PHOTO], PROMPTS, DistillConfig(begin=0.5, pixels=32))
    unit = picture_work(100.0, len(box_room()))
    paced = Paced(late, lambda _: 6 * unit, 100.0)
    asked = [paced.added(box_room(), spent, MANNER) for spent in (0.1, 0.2, 0.3, 0.6, 0.7, 0.8)]
    assert [each is not None for each in asked] == [False] * 3 + [True] * 3


def test_a_described_thing_is_completed_where_there_is_time(stable: Path) -> None:
    plenty = replace(QUICK, words_prior=str(stable), iterations=10**7)
    told, terms = asked_for(plenty, THING, replace(THING, id=9, words=""))
    assert len(terms) == 1
    assert told[0].startswith("Things described in words are completed")
    told, terms = asked_for(replace(plenty, iterations=10), THING)
    assert terms == ()
    assert "too long beside training" in told[0]


def test_nothing_is_read_where_nothing_is_described(tmp_path: Path) -> None:
    nowhere = replace(QUICK, words_prior=str(tmp_path / "nowhere"))
    assert asked_for(nowhere, replace(THING, words="")) == ([NOTHING_SAID], ())
    assert asked_for(replace(nowhere, prior_strength=0.0), THING) == ([], ())
    assert asked_for(QUICK, THING) == ([], ())
    with pytest.raises(UserError, match="nowhere"):
        check_prior(nowhere)


def test_words_without_a_name_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["reconstruct", str(tmp_path), "-o", str(tmp_path / "o"), "--words", "a chair"]
    assert main(words) == 2
    assert '"a chair" is not like chair=a red chair' in capsys.readouterr().err


@pytest.mark.slow
def test_a_thing_is_completed_from_the_command_line(stable: Path, tmp_path: Path) -> None:
    room, masks = make_room(tmp_path), tmp_path / "masks" / "armchair"
    masks.mkdir(parents=True)
    for file in sorted((SAMPLE / "masks").glob("*.png"))[:8]:
        with Image.open(file) as picture:
            labels = np.array(picture.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST))
        Image.fromarray(np.uint8(255 * (labels == ARMCHAIR))).save(masks / file.name)
    words = [*arguments(room, tmp_path / "with"), "--masks", str(masks.parent)]
    words += ["--iterations", "150", "--words-prior", str(stable), "--words", "armchair=a chair"]
    assert main(words) == 0
    made = read_ply(tmp_path / "with" / "scene.ply")
    assert (made.origin == Origin.IMAGINED).any()
    assert made.means.isfinite().all()
    metrics = json.loads((tmp_path / "with" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["settings"]["words"] == {"armchair": "a chair"}
    assert metrics["test"]["psnr"] > 20
