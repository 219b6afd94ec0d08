"""Objects changed by words, by small random networks in the real formats: job, command, window."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from app.__main__ import main
from app.jobs.rework import changed_by_words
from app.jobs.values import WordsWish
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.errors import UserError
from core.export.ply import read_ply
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.prior.backends.teacher import load_teacher
from core.progress import Progress
from core.project.folder import Project, open_project, save_project
from core.segment.labels import SceneObject
from core.segment.masks import Masks
from tests import prior_networks as networks
from tests.test_text_edit import CUBE, room_with_cube

TEXTS = ("a chair", "")


@pytest.fixture(scope="module")
def stable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stable") / "sd"
    networks.pipeline("StableDiffusionPipeline", networks.stable()).save_pretrained(folder)
    return folder


def wish(place: Path, id_: int = CUBE) -> WordsWish:
    return WordsWish(id_, "a chair", str(place), iterations=4)


def test_a_folder_is_a_teacher_of_words(stable: Path) -> None:
    teacher = load_teacher(str(stable), TEXTS)
    assert (teacher.latent, teacher.picture) == (networks.SIDE // 8, networks.SIDE)
    one, other = (teacher.words(text)["words"] for text in TEXTS)
    assert one.shape == other.shape == (1, 12, networks.WORDS)
    assert not torch.allclose(one, other)
    picture = torch.rand(2, 3, networks.SIDE, networks.SIDE).requires_grad_()
    latent = teacher.encode(2 * picture - 1)
    assert latent.shape == (2, 4, teacher.latent, teacher.latent)
    latent.sum().backward()
    assert picture.grad is not None
    assert float(picture.grad.abs().mean()) > 0
    guidance = teacher.guidance("a chair", "", 3.0, batch=2)
    noisy = torch.randn(2, 4, teacher.latent, teacher.latent)
    answer = teacher.denoiser.network(noisy, 500.0, guidance.given)
    assert answer.shape == noisy.shape
    assert not answer.requires_grad


def test_what_cannot_teach_words_is_a_sentence(tmp_path: Path) -> None:
    parts = networks.stable(takes=9)
    networks.pipeline("StableDiffusionInpaintPipeline", parts).save_pretrained(tmp_path / "fill")
    with pytest.raises(UserError, match="network for inpainting, and words change objects by"):
        load_teacher(str(tmp_path / "fill"), TEXTS)
    fixer = networks.save_fixer(tmp_path / "fixer")
    with pytest.raises(UserError, match="DifixPipeline, and words change objects by"):
        load_teacher(str(fixer), TEXTS)
    with pytest.raises(UserError, match="holds no model"):
        load_teacher(str(tmp_path), TEXTS)


def test_only_the_object_changes(stable: Path) -> None:
    scene = room_with_cube()
    *steps, last = changed_by_words(scene, wish(stable))
    assert isinstance(last, Gaussians)
    done = [step.done for step in steps if isinstance(step, Progress)]
    assert done == [0, 1, 2, 3, 4]
    others = scene.object_id != CUBE
    for field in fields(Gaussians):
        before, after = getattr(scene, field.name), getattr(last, field.name)
        assert torch.equal(before[others], after[others]), field.name
    assert not torch.equal(scene.means[~others], last.means[~others])
    assert torch.isfinite(last.means).all()
    assert (last.origin[~others] == Origin.FILLED).all()
    with pytest.raises(UserError, match="no object there"):
        next(changed_by_words(scene, wish(stable, 9)))


def saved(folder: Path) -> Path:
    objects = (*Masks().objects, SceneObject(CUBE, "Cube", "#ff0000"))
    masks = replace(Masks(), objects=objects, next_id=CUBE + 1)
    nothing = Reconstruction((), SparsePoints.none(), ())
    project = Project(
        Capture(()), nothing, room_with_cube(), torch.zeros(0, 2, 3), (),
        masks=masks,
    )  # fmt: skip
    save_project(folder / "room.maquette", project)
    return folder / "room.maquette"


def test_the_command_writes_a_new_folder_with_before_and_after(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, out = saved(tmp_path), tmp_path / "out"
    told = ["--words", "a chair", "--prior", str(stable), "--iterations", "3"]
    assert main(["edit-text", str(project), "--object", "cube", *told, "-o", str(out)]) == 0
    assert 'Cube is now "a chair"' in capsys.readouterr().err
    changed = read_ply(out / "scene.ply")
    before = open_project(project).gaussians
    old, new = (each.object_id == CUBE for each in (before, changed))
    assert torch.equal(changed.means[~new], before.means[~old])
    assert not torch.equal(changed.means[new], before.means[old])
    (rework,) = open_project(out / "scene.maquette").reworks
    assert (rework.object_id, rework.words) == (CUBE, "a chair")
    assert {"before.png", "after.png", "scene.maquette"} <= {p.name for p in out.iterdir()}
    assert (out / "before.png").read_bytes() != (out / "after.png").read_bytes()
    wrong = ["edit-text", str(project), "--object", "table", *told, "-o", str(tmp_path / "x")]
    assert main(wrong) == 1
    assert "There are: Cube." in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
