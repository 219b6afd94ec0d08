"""Folders that are not what they should be are told of in one sentence."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import Unavailable, UserError
from core.pipeline.priors import check_prior
from core.pipeline.settings import PRESETS, Preset
from core.prior.backends.load import load_prior
from tests import prior_networks as networks

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "sd"
    networks.pipeline("StableDiffusionImg2ImgPipeline", networks.stable()).save_pretrained(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return shutil.copytree(whole, tmp_path / "copy")


def told(folder: Path, **how: str) -> str:
    """What is wrong: one sentence, and advice."""
    with pytest.raises(UserError) as caught:
        load_prior(str(folder), **how)  # type: ignore[arg-type]
    problem, hint = caught.value.problem, caught.value.hint
    assert problem.endswith(".")
    assert ". " not in problem.replace(str(folder), "")
    assert "\n" not in problem
    assert len(problem.replace(str(folder), "")) < 260
    assert hint
    return problem


def cut(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: 2 * len(content) // 3])


def lacking(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    del weights["conv_in.weight"]
    save_file(weights, folder / WEIGHTS)


def of_another_size(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    save_file({**weights, "conv_in.weight": torch.zeros(8, 5, 3, 3)}, folder / WEIGHTS)


def with_too_much(folder: Path) -> None:
    save_file({**load_file(folder / WEIGHTS), "more.weight": torch.zeros(2)}, folder / WEIGHTS)


def of_another_class(folder: Path) -> None:
    changed(folder / "unet" / "config.json", _class_name="UNet3DConditionModel")


def without(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return spoil


def changed(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def listing_what_is_not_there(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    index = {"weight_map": {"conv_in.weight": "part-1.safetensors"}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))


def of_other_bytes(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / "unet" / "diffusion_pytorch_model.bin").write_text("no weights at all")


def with_other_words(folder: Path) -> None:
    shutil.rmtree(folder / "unet")
    networks.unet(words=24).save_pretrained(folder / "unet")


def with_other_latents(folder: Path) -> None:
    shutil.rmtree(folder / "vae")
    networks.vae(channels=8).save_pretrained(folder / "vae")


def with_noise_unknown(folder: Path) -> None:
    changed(folder / "scheduler" / "scheduler_config.json", beta_schedule="squaredcos_cap_v2")


def with_noise_alone_at_the_end(folder: Path) -> None:
    changed(folder / "scheduler" / "scheduler_config.json", rescale_betas_zero_snr=True)


def of_a_flow(folder: Path) -> None:
    name = "FlowMatchEulerDiscreteScheduler"
    changed(folder / "scheduler" / "scheduler_config.json", _class_name=name)


def of_something_else(folder: Path) -> None:
    changed(folder / "model_index.json", unet=None, transformer=["diffusers", "OtherModel"])


def with_two_text_encoders(folder: Path) -> None:
    changed(folder / "model_index.json", text_encoder_2=["transformers", "CLIPTextModel"])


def with_torn_settings(folder: Path) -> None:
    (folder / "vae" / "config.json").write_text('{"latent_channels": 4')


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without("model_index.json"), r"model_index\.json is missing or damaged"),
        (without("unet"), r"config\.json is missing or damaged"),
        (without(WEIGHTS), "unet has no weights"),
        (without("tokenizer"), "tokenizer is missing or damaged"),
        (without("scheduler"), r"scheduler_config\.json is missing or damaged"),
        (with_torn_settings, r"config\.json is missing or damaged"),
        (cut, "unet is cut off or damaged"),
        (lacking, "unet do not fit its config"),
        (of_another_size, "unet do not fit its config"),
        (with_too_much, "unet do not fit its config"),
        (of_other_bytes, "unet cannot be read"),
        (listing_what_is_not_there, r"unet lacks its file part-1\.safetensors"),
        (of_another_class, "unet is a UNet3DConditionModel, no UNet2DConditionModel"),
        (with_other_words, "do not belong together: words are vectors of 16 numbers, and 24"),
        (with_other_latents, "do not belong together: the autoencoder makes 8 channels"),
        (with_noise_unknown, "not known here: squaredcos_cap_v2"),
        (with_noise_alone_at_the_end, "noise predicted where nothing else is left"),
        (of_a_flow, "do not belong together: a U-Net, and a scheduler for flows"),
        (of_something_else, "and Stable Diffusion 1, 2 or 3, or Difix, is wanted"),
        (with_two_text_encoders, "and Stable Diffusion 1, 2 or 3, or Difix, is wanted"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(folder)
    with pytest.raises(UserError, match=words):
        load_prior(str(folder))
    told(folder)


def test_controlnets_are_checked(folder: Path, tmp_path: Path) -> None:
    networks.controlnet().save_pretrained(tmp_path / "depth")
    load_prior(str(folder), control=str(tmp_path / "depth"))
    assert "holds a ControlNetModel alone" in told(tmp_path / "depth")
    networks.controlnet(words=24).save_pretrained(tmp_path / "other")
    assert "the ControlNet is of another" in told(folder, control=str(tmp_path / "other"))


def test_fixers_are_checked(tmp_path: Path) -> None:
    folder = networks.save_fixer(tmp_path / "fixer")
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    kept = {name: value for name, value in weights.items() if "skip_conv_3" not in name}
    save_file(kept, file)
    assert "weights of vae do not fit its config.json: 1 " in told(folder)
    save_file({**kept, "decoder.skip_conv_3.weight": torch.zeros(16, 9, 1, 1)}, file)
    assert "weights of vae do not fit its config.json: 1 " in told(folder)
    file.write_bytes(file.read_bytes()[:-9])
    assert "vae is cut off or damaged" in told(folder)
    changed(folder / "scheduler" / "scheduler_config.json", num_train_timesteps=100)
    assert "a fixer, and the scheduler of something else" in told(folder)
    assert "DifixPipeline, which heeds no ControlNet" in told(folder, control=str(folder))
    file.unlink()
    file.with_suffix(".bin").write_text("no weights at all")
    changed(folder / "scheduler" / "scheduler_config.json", num_train_timesteps=1000)
    assert "weights of vae cannot be read" in told(folder)


def test_halves_are_read_where_they_are_all_there_is(folder: Path) -> None:
    file = folder / WEIGHTS
    file.rename(file.with_name("diffusion_pytorch_model.fp16.safetensors"))
    load_prior(str(folder))
    load_prior(str(folder), half=True)


def test_places_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="neither a folder nor a model that was downloaded"):
        load_prior("nobody/nothing-of-the-kind")
    with pytest.raises(Unavailable, match="There is no folder"):
        load_prior(str(tmp_path / "gone"))
    (tmp_path / "one.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="is a single file"):
        load_prior(str(tmp_path / "one.safetensors"))
    with pytest.raises(UserError, match="holds no model"):
        check_prior(replace(PRESETS[Preset.QUICK], prior=str(tmp_path)))
    if not torch.cuda.is_available():
        with pytest.raises(Unavailable, match="no NVIDIA card"):
            load_prior(str(tmp_path), device="cuda")
