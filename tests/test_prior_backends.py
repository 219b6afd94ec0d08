"""Priors from folders: every kind that is known, on small random networks in the real formats."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.prior.backends.canvas import Canvas, filled, nearness
from core.prior.backends.fixer import Fixer
from core.prior.backends.load import load_prior
from core.prior.backends.making import Settings, held
from core.prior.backends.skips import LORA_ALPHA, merged
from core.prior.protocol import Draft, Target
from core.prior.sampler import Denoiser, Prediction, sample
from core.prior.schedules import scaled_linear
from tests import prior_networks as networks
from tests.test_prior_sampler import finished

KINDS = ["image to image", "v-prediction", "inpaint", "control", "inpaint control", "flow", "fixer"]
FEW = Settings(steps=3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Saved once: a folder of each kind, and a ControlNet alone."""
    root = tmp_path_factory.mktemp("priors")
    made = {
        "image to image": ("StableDiffusionImg2ImgPipeline", networks.stable()),
        "v-prediction": (
            "StableDiffusionPipeline",
            networks.stable(prediction="v_prediction", rescale_betas_zero_snr=True),
        ),
        "inpaint": ("StableDiffusionInpaintPipeline", networks.stable(9)),
        "control": (
            "StableDiffusionControlNetPipeline",
            {**networks.stable(), "controlnet": networks.controlnet()},
        ),
        "flow": ("StableDiffusion3Pipeline", networks.flow_parts()),
    }
    for name, (kind, parts) in made.items():
        networks.pipeline(kind, parts).save_pretrained(root / name)
    networks.controlnet().save_pretrained(root / "alone")
    networks.save_fixer(root / "fixer")
    return {name: root / name for name in [*made, "alone", "fixer"]}


def prior(folders: dict[str, Path], kind: str, settings: Settings = FEW, **how: Any) -> Any:
    if kind == "inpaint control":
        how["control"] = str(folders["alone"])
    return load_prior(
        str(folders[kind.split()[0]] if " control" in kind else folders[kind]),
        settings=settings,
        **how,
    )


def target(prior: Any, draft: Draft, level: float = 0.8, seed: int = 1) -> Target:
    found = finished(prior.refine(draft, level, seed))
    assert isinstance(found, Target)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recognised_and_answers(folders: dict[str, Path], kind: str) -> None:
    made, draft = prior(folders, kind), networks.draft()
    steps = list(made.refine(draft, 0.8, 1))
    assert [each.done for each in steps] == list(range(len(steps)))
    answer = target(made, draft)
    assert answer.color.shape == draft.color.shape
    assert torch.isfinite(answer.color).all()
    assert (answer.color >= 0).all()
    assert (answer.color <= 1).all()
    assert torch.equal(answer.color, target(prior(folders, kind), draft).color)
    stays = draft.alpha * draft.visibility
    if kind == "fixer":
        assert torch.equal(answer.confidence, draft.alpha)
        return
    # What photos saw stays, and nothing is said of it; the rest is another with another seed.
    assert torch.equal(answer.confidence, 1 - stays)
    torch.testing.assert_close(answer.color[stays == 1], draft.color[stays == 1])
    other = target(made, draft, seed=2).color
    assert (other - answer.color)[stays == 0].abs().mean() > 1e-4


@pytest.mark.parametrize("kind", ["image to image", "flow", "fixer"])
@pytest.mark.parametrize("size", [(33, 27), (9, 70)])
def test_any_size_will_do(folders: dict[str, Path], kind: str, size: tuple[int, int]) -> None:
    answer = target(prior(folders, kind), networks.draft(*size))
    assert answer.color.shape == (*size, 3)
    assert answer.confidence.shape == size


def test_work_stops_between_two_steps(folders: dict[str, Path]) -> None:
    steps = prior(folders, "image to image").refine(networks.draft(), 1.0, 0)
    assert next(steps).total == 3
    next(steps)
    steps.close()
    assert list(steps) == []


def test_layers_that_visit_the_card_answer_the_same(folders: dict[str, Path]) -> None:
    draft = networks.draft()
    for kind in ("control", "flow", "fixer"):
        made = prior(folders, kind, offload=True)
        weight = made.denoiser.network.model.state_dict()
        homes = {name: value.data_ptr() for name, value in weight.items()}
        answer = target(made, draft).color
        torch.testing.assert_close(answer, target(prior(folders, kind), draft).color)
        after = made.denoiser.network.model.state_dict()
        assert {name: value.data_ptr() for name, value in after.items()} == homes


def test_half_precision_answers_nearly_the_same(folders: dict[str, Path]) -> None:
    draft = networks.draft()
    for kind in ("inpaint", "flow", "fixer"):
        half = target(prior(folders, kind, half=True), draft).color
        assert half.dtype == torch.float32
        assert (half - target(prior(folders, kind), draft).color).abs().mean() < 0.01


def test_tiles_cover_the_whole_picture(folders: dict[str, Path]) -> None:
    draft = networks.draft(70, 90)
    tiled = target(prior(folders, "image to image", tiling=True), draft).color
    whole = target(prior(folders, "image to image"), draft).color
    assert tiled.shape == whole.shape
    assert not torch.equal(tiled, whole)


def test_prompts_are_heeded(folders: dict[str, Path]) -> None:
    draft = networks.draft()
    for kind in ("image to image", "flow"):
        plain = target(prior(folders, kind), draft).color
        told = target(prior(folders, kind, Settings(prompt="cat", steps=3)), draft).color
        assert not torch.equal(plain, told)


def test_rendered_depth_is_heeded(folders: dict[str, Path]) -> None:
    draft = networks.draft()
    made = prior(folders, "control")
    flat = replace(draft, depth=torch.ones_like(draft.depth))
    assert not torch.equal(target(made, draft).color, target(made, flat).color)


def test_what_stays_is_found_exactly() -> None:
    random = torch.Generator().manual_seed(0)
    clean = torch.randn(1, 4, 6, 8, generator=random)
    stay = (torch.rand(1, 1, 6, 8, generator=random) > 0.5).float()
    for prediction in (Prediction.EPSILON, Prediction.VELOCITY):
        plain = Denoiser(lambda z, t, c: torch.tanh(z), scaled_linear(), prediction)
        found = finished(sample(held(plain, clean, stay), clean, 0.9, steps=5, seed=3))
        where = stay.expand_as(clean) == 1
        torch.testing.assert_close(found[where], clean[where])
        # Where nothing stays, nothing is changed.
        free = finished(sample(held(plain, clean, 0 * stay), clean, 0.9, steps=5, seed=3))
        expected = finished(sample(plain, clean, 0.9, steps=5, seed=3))
        torch.testing.assert_close(free, expected, atol=1e-4, rtol=1e-4)


def test_a_canvas_gives_back_what_was_put_on_it() -> None:
    draft = networks.draft(30, 41)
    smooth = torch.linspace(0, 1, 41)[None, :, None].expand(30, 41, 3)
    for side in (32, 90):
        canvas = Canvas.of(draft, side, 8)
        put = canvas.onto(smooth)
        assert put.shape[2] % 8 == put.shape[3] % 8 == 0
        assert max(canvas.down, canvas.across) == max(side, 41)
        torch.testing.assert_close(canvas.back(put), smooth, atol=0.02, rtol=0)
    assert Canvas.of(draft, 200, 8, most=100).across == 100


def test_holes_are_filled_from_around() -> None:
    alpha = torch.ones(1, 1, 20, 31)
    alpha[..., 5:14, 8:20] = 0
    same = torch.tensor([0.2, 0.5, 0.9])[None, :, None, None].expand(1, 3, 20, 31)
    torch.testing.assert_close(filled(same * alpha, alpha), same, atol=1e-5, rtol=0)


def test_nearer_is_brighter() -> None:
    shown = nearness(torch.tensor([[0.0, 1.0], [2.0, 4.0]]))[..., 0]
    torch.testing.assert_close(shown, torch.tensor([[0.0, 1.0], [1 / 3, 0.0]]))
    assert not nearness(torch.zeros(2, 2)).any()


def test_low_rank_additions_do_what_they_do_beside_the_layer() -> None:
    random = torch.Generator().manual_seed(0)
    base, low, high = (torch.randn(*shape, generator=random) for shape in
                       ((5, 4, 3, 3), (2, 4, 3, 3), (5, 2, 1, 1)))  # fmt: skip
    named = {"a.base_layer.weight": base, "a.lora_A.x.weight": low, "a.lora_B.x.weight": high}
    x = torch.randn(1, 4, 7, 7, generator=random)
    conv = torch.nn.functional.conv2d
    beside = conv(x, base, padding=1) + LORA_ALPHA / 2 * conv(conv(x, low, padding=1), high)
    found = merged(named)
    assert found.keys() == {"a.weight"}
    torch.testing.assert_close(conv(x, found["a.weight"], padding=1), beside, atol=1e-4, rtol=1e-4)


def test_a_fixer_looks_at_the_photo(folders: dict[str, Path]) -> None:
    draft, made = networks.draft(), prior(folders, "fixer")
    alone = target(replace(made, reference=False), draft).color
    assert not torch.equal(target(made, draft).color, alone)
    # Beside itself a picture sees nothing new: attention is a mean.
    same = replace(draft, photos=(replace(draft.photos[0], color=draft.color),))
    torch.testing.assert_close(target(made, same).color, alone, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(target(made, replace(draft, photos=())).color, alone)


def test_a_fixer_without_additions_is_the_plain_autoencoder(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(folders["fixer"], tmp_path / "plain")
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    nothing = {
        name: 0 * value if "lora_B" in name or "skip_conv" in name else value
        for name, value in load_file(file).items()
    }
    save_file(nothing, file)
    made, plain = prior({"fixer": folder}, "fixer"), networks.vae()
    picture = torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    latents, steps = made.autoencoder.encode(picture)
    with torch.no_grad():
        expected = plain.encode(2 * picture - 1).latent_dist.mode()
        decoded = (plain.decode(expected).sample + 1) / 2
    torch.testing.assert_close(latents / plain.config.scaling_factor, expected)
    found = made.autoencoder.decode(latents, steps)
    torch.testing.assert_close(found, decoded.clamp(0, 1))


def test_a_fixer_without_a_photo_is_told_by_its_network(tmp_path: Path) -> None:
    for reference in (True, False):
        folder = networks.save_fixer(tmp_path / str(reference), reference=reference)
        made = load_prior(str(folder))
        assert isinstance(made, Fixer)
        assert made.reference == reference


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
def test_a_card_answers_as_the_processor(folders: dict[str, Path], kind: str) -> None:
    draft = networks.draft()
    expected = target(prior(folders, kind), draft).color
    for offload in (False, True):
        made = prior(folders, kind, device="cuda", half=False, offload=offload)
        torch.testing.assert_close(target(made, draft).color, expected, atol=0.01, rtol=0)
        weights = made.denoiser.network.model.parameters()
        assert {each.device.type for each in weights} == {"cpu" if offload else "cuda"}
        half = target(prior(folders, kind, device="cuda", offload=offload), draft).color
        assert (half - expected).abs().mean() < 0.01


def test_nothing_heavy_is_imported_until_a_prior_is_loaded() -> None:
    heavy = "{'diffusers', 'transformers', 'huggingface_hub'}"
    named = "app.cli.arguments, core.prior.backends.load"
    code = f"import sys, {named}; print({heavy} & set(sys.modules))"
    root = Path(__file__).resolve().parents[1]
    told = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert told.stdout.strip() == "set()", told.stderr
