"""Networks for pictures that paint what a lone photo hides, from folders in the real format."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from app.__main__ import main
from core.errors import Unavailable, UserError
from core.geometry.camera import Pinhole, View
from core.pipeline.priors import check_prior
from core.pipeline.settings import PRESETS, Preset
from core.project.folder import open_project
from core.single.painters import PriorFill, open_painter
from tests import prior_networks as networks

HEIGHT, WIDTH = 24, 32


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stable Diffusion for inpainting, a ControlNet for depth, and both in one folder."""
    root = tmp_path_factory.mktemp("painters")
    parts = networks.stable(9)
    networks.pipeline("StableDiffusionInpaintPipeline", parts).save_pretrained(root / "sd")
    networks.controlnet().save_pretrained(root / "control")
    parts = {**networks.stable(9), "controlnet": networks.controlnet()}
    both = networks.pipeline("StableDiffusionControlNetInpaintPipeline", parts)
    both.save_pretrained(root / "both")
    return {name: str(root / name) for name in ("sd", "control", "both")}


def picture() -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Something, what of it is known, and what of it is wanted; part of it is neither."""
    random = np.random.default_rng(3)
    known = np.ones((HEIGHT, WIDTH), bool)
    known[6:16, 10:24] = False
    known[20:, :6] = False
    wanted = np.zeros_like(known)
    wanted[6:16, 10:24] = True
    return random.uniform(size=(HEIGHT, WIDTH, 3)).astype(np.float32), known, wanted


def wall(slope: float) -> NDArray[np.float32]:
    ramp = 2 + slope * np.arange(WIDTH, dtype=np.float32)
    return np.broadcast_to(ramp, (HEIGHT, WIDTH)).astype(np.float32)


def ahead() -> View:
    return View(Pinhole(WIDTH, HEIGHT, 30.0, 30.0, WIDTH / 2, HEIGHT / 2), torch.eye(4))


def test_what_is_wanted_is_painted_and_nothing_else(folders: dict[str, str]) -> None:
    colors, known, wanted = picture()
    painted = open_painter(folders["sd"])(colors, known, wanted)
    assert np.array_equal(painted[~wanted], colors[~wanted])
    assert not np.array_equal(painted[wanted], colors[wanted])
    assert np.isfinite(painted).all()
    other = colors.copy()
    other[~known] = 0.9  # what is not known says nothing
    again = open_painter(folders["sd"])(other, known, wanted)
    assert np.array_equal(again[wanted], painted[wanted])


@pytest.mark.parametrize("how", ["both", "sd + control"])
def test_a_controlnet_is_shown_what_lies_behind(how: str, folders: dict[str, str]) -> None:
    place = " + ".join(folders[each] for each in how.split(" + "))
    paint = open_painter(place)
    assert isinstance(paint, PriorFill)
    colors, known, wanted = picture()
    found = [paint.seeing(wall(slope), ahead())(colors, known, wanted) for slope in (0.1, -0.05)]
    assert not np.array_equal(found[0][wanted], found[1][wanted])  # random weights hear little
    plain = open_painter(folders["sd"])
    assert isinstance(plain, PriorFill)
    deaf = [plain.seeing(wall(slope), ahead())(colors, known, wanted) for slope in (0.1, -0.05)]
    assert np.array_equal(deaf[0], deaf[1])


def test_what_cannot_paint_is_told_in_a_sentence(folders: dict[str, str], tmp_path: Path) -> None:
    fixer = networks.save_fixer(tmp_path / "fixer")
    other = tmp_path / "other"
    networks.controlnet(words=24).save_pretrained(other)
    cut = shutil.copytree(folders["control"], tmp_path / "cut")
    weights = cut / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    sd = folders["sd"]
    for place, words in {
        str(fixer): "paints nothing that is hidden",
        f"{sd} + {other}": "the ControlNet is of another Stable Diffusion",
        f"{sd} + {cut}": "cut off or damaged",
        f"{sd} + {sd}": "config.json is missing",
        f"{folders['control']} + {sd}": "holds a ControlNetModel alone",
    }.items():
        with pytest.raises(UserError, match=words) as caught:
            open_painter(place)
        assert caught.value.hint
        assert "\n" not in caught.value.problem
    with pytest.raises(Unavailable, match="There is no folder"):
        open_painter(f"{sd} + {tmp_path / 'gone'}")
    settings = PRESETS[Preset.QUICK]
    check_prior(type(settings)(**{**vars(settings), "prior": f"{sd} + {other}"}))
    with pytest.raises(Unavailable, match="There is no folder"):  # before any photo is placed
        check_prior(type(settings)(**{**vars(settings), "prior": f"{sd} + {tmp_path / 'gone'}"}))


@pytest.mark.slow
def test_on_the_command_line(folders: dict[str, str], tmp_path: Path) -> None:
    """It paints what a chair hides, and what is seen from the first camera of a way."""
    y, x = np.mgrid[:66, :88]
    depth = np.minimum(5.0, 1.6 * 73 / np.maximum(y - 22, 1)).astype(np.float32)
    chair = (np.abs(x - 29) < 10) & (y > 22) & (y < 48)
    depth[chair] = 2.5
    photo = np.where((y > 45)[..., None], (110, 80, 60), (120, 140, 160)).astype(np.uint8)
    photo[chair] = (200, 30, 30)
    Image.fromarray(photo).save(tmp_path / "room.png")
    np.save(tmp_path / "depth.npy", depth)
    (tmp_path / "masks").mkdir()
    Image.fromarray(np.where(chair, 255, 0).astype(np.uint8)).save(tmp_path / "masks" / "room.png")
    network = f"{folders['sd']} + {folders['control']}"
    words = ["reconstruct", str(tmp_path / "room.png"), "-o", str(tmp_path / "out")]
    words += ["--preset", "quick", "--masks", str(tmp_path / "masks")]
    words += ["--depth", str(tmp_path / "depth.npy"), "--fill", network, "--prior", network]
    assert main([*words, "--expand", "look-around:1"]) == 0
    project = open_project(tmp_path / "out" / "scene.maquette")
    assert {1, 2, 3} <= set(project.gaussians.origin.tolist())
