"""Makers that users install: told apart by their folders, asked as they want to be asked.

The packages cannot be installed here; in their places stand modules that answer as they do.
"""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.export.ply import write_ply
from core.gaussians.moved import moved
from core.geometry.pose import Pose
from core.pictured.opened import open_maker
from core.pictured.packages import Y_FROM_Z, targets
from core.pictured.protocol import Body
from tests.pictured_scenes import chair
from tests.pipeline_networks import chair as chair_picture
from tests.test_inserting import box_glb

Z_FROM_Y = Pose(Y_FROM_Z.T, np.zeros(3))
PICTURE = chair_picture(64)


class Splats:
    """As TRELLIS has them: z up, written to PLY."""

    def save_ply(self, path: str, transform: object = "its own") -> None:
        assert transform is None
        write_ply(Path(path), moved(chair(200), Z_FROM_Y))


class Pipeline:
    """Stands for each package's own."""

    def __init__(self, place: str) -> None:
        self.place, self.seeds = place, []  # type: ignore[var-annotated]

    @classmethod
    def from_pretrained(cls, place: str) -> "Pipeline":
        if (Path(place) / "torn").exists():
            raise RuntimeError("unexpected end of file\nand more")
        return cls(place)

    def run(self, picture: Any, *more: Any, **how: Any) -> dict[str, list[Splats]]:
        assert np.asarray(picture).shape == PICTURE.shape
        return {"gaussian": [Splats()]}


class Shape(Pipeline):
    def __call__(self, image: Any, generator: torch.Generator) -> list[Any]:
        if np.asarray(image).max() == 0:
            raise ValueError("nothing to see")
        return [SimpleNamespace(export=lambda path: box_glb(Path(path)))]


def installed(monkeypatch: pytest.MonkeyPatch, name: str, **things: object) -> None:
    parts = name.split(".")
    for k in range(len(parts)):
        module = ModuleType(".".join(parts[: k + 1]))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for thing, value in things.items():
        setattr(sys.modules[name], thing, value)


def trellis(folder: Path) -> Path:
    folder.mkdir()
    (folder / "pipeline.json").write_text(json.dumps({"name": "TrellisImageTo3DPipeline"}))
    return folder


def hunyuan(folder: Path) -> Path:
    (folder / "hunyuan3d-dit-v2-0").mkdir(parents=True)
    return folder


def sam_3d(folder: Path) -> Path:
    folder.mkdir()
    (folder / "pipeline.yaml").write_text("_target_: sam3d_objects.pipeline.Pipeline\n")
    return folder


def made(place: Path, picture: NDArray[np.uint8] = PICTURE) -> Body:
    *_, body = open_maker(str(place)).make(picture, 0)
    assert isinstance(body, Body)
    return body


def test_gaussians_come_with_their_y_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, "trellis.pipelines", TrellisImageTo3DPipeline=Pipeline)
    body = made(trellis(tmp_path / "trellis"))
    assert body.splats is not None
    np.testing.assert_allclose(body.splats.means, chair(200).means.numpy(), atol=1e-5)


def test_sam_3d_is_made_as_its_file_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = sam_3d(tmp_path / "sam")
    told = {"_target_": "sam3d_objects.pipeline.Pipeline", "parts": [{"_target_": "torch.nn.ReLU"}]}
    omega = SimpleNamespace(load=lambda path: SimpleNamespace(), to_container=lambda config: told)
    installed(monkeypatch, "sam3d_objects.pipeline.inference_pipeline_pointmap")
    installed(monkeypatch, "omegaconf", OmegaConf=omega)
    installed(monkeypatch, "hydra.utils", instantiate=lambda config: Pipeline(config.workspace_dir))
    body = made(folder)
    assert body.splats is not None
    assert len(body.splats) == len(chair(200))
    told["parts"].append({"_target_": "os.system"})  # type: ignore[attr-defined]
    with pytest.raises(UserError, match=r"asks for code of another package: os\.system"):
        open_maker(str(folder))
    assert targets(told) == ["sam3d_objects.pipeline.Pipeline", "torch.nn.ReLU", "os.system"]


def test_meshes_come_through_their_own_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(monkeypatch, "hy3dgen.shapegen", Hunyuan3DDiTFlowMatchingPipeline=Shape)
    folder = hunyuan(tmp_path / "hunyuan")
    (part,) = made(folder).parts
    assert len(part.corners) == 12
    assert np.ptp(part.corners.reshape(-1, 3), axis=0) == pytest.approx([0.5, 1.0, 0.5])
    with pytest.raises(UserError, match=r"could not make the object \(nothing to see\)"):
        made(folder, np.zeros_like(PICTURE))


@pytest.mark.parametrize("kind", [trellis, hunyuan, sam_3d])
def test_a_missing_package_is_told_in_one_sentence(kind: Any, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        open_maker(str(kind(tmp_path / "folder")))
    assert "cannot start" in caught.value.problem
    assert "github.com" in caught.value.hint
    assert "mirror image" in caught.value.hint


def test_folders_of_something_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="of no kind that is known"):
        open_maker(str(tmp_path))
    with pytest.raises(Unavailable, match="neither a folder"):
        open_maker("nobody/nothing")
    installed(monkeypatch, "trellis.pipelines", TrellisImageTo3DPipeline=Pipeline)
    folder = trellis(tmp_path / "trellis")
    (folder / "torn").touch()
    with pytest.raises(UserError, match=r"cannot be opened \(unexpected end of file\)"):
        open_maker(str(folder))
