"""How much work a reconstruction is given."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum

from core.pipeline.parts import Part
from core.train.schedule import TrainConfig

AUTO, NONE = "auto", "none"  # priors that are no folders


class Preset(Enum):
    """How long the user means to wait."""

    QUICK = "quick"
    STANDARD = "standard"
    BEST = "best"


@dataclass(frozen=True)
class Settings:
    """What a reconstruction is asked to do.

    `max_size`: longer side in pixels of the pictures trained on and rendered.
    `time_limit`: seconds of training, None for as long as the iterations take.
    `judge`: whether photos left out tell at the end from where the scene can be trusted.
    `without`: parts that are not to help, whatever the capture is like.
    `prior`: `NONE`, `AUTO` for what can be learned from the photos, or a folder with a network;
    `prior_strength`: how much it has to say, 1 for as much as usual. `depth`: of a lone photo, a
    file or a folder with a network; "" for none. `fill`: a file with a network that paints what is
    hidden in one; "" for what is always there. `words_prior`: a folder with a network that
    completes what is described in words; "" for none. `expand`: how far a lone photo's scene is to
    grow, as `path_told` reads it; "" for not at all.
    """

    preset: Preset
    iterations: int
    max_size: int
    max_gaussians: int
    time_limit: float | None = None
    seed: int = 0
    without: frozenset[Part] = frozenset()
    judge: bool = True
    prior: str = NONE
    prior_strength: float = 1.0
    depth: str = ""
    fill: str = ""
    words_prior: str = ""
    expand: str = ""

    def training(self) -> TrainConfig:
        return TrainConfig(
            iterations=self.iterations,
            time_limit=self.time_limit,
            max_gaussians=self.max_gaussians,
            seed=self.seed,
        )

    def as_json(self) -> dict[str, object]:
        without = sorted(part.value for part in self.without)
        return {**vars(self), "preset": self.preset.value, "without": without}


# Standard took 164 s for 50 photos of 1080 x 1920 on two CPU cores, 75 s of it for the poses.
PRESETS: Mapping[Preset, Settings] = {
    Preset.QUICK: Settings(Preset.QUICK, 1000, 480, 60_000, judge=False),
    Preset.STANDARD: Settings(Preset.STANDARD, 3000, 540, 150_000),
    Preset.BEST: Settings(Preset.BEST, 10_000, 1024, 400_000),
}


def settings_from_json(content: Mapping[str, object]) -> Settings:
    """What `Settings.as_json` wrote; the standard ones take the place of what is missing."""
    try:
        preset = PRESETS[Preset(content.get("preset"))]
    except ValueError:
        preset = PRESETS[Preset.STANDARD]
    words = ("prior", "depth", "fill", "words_prior", "expand")
    numbers = {field.name for field in fields(Settings)} - {"preset", "without", *words}
    told = {name: content[name] for name in numbers if isinstance(content.get(name), int | float)}
    told |= {name: content[name] for name in words if isinstance(content.get(name), str)}
    named = content.get("without")
    named = named if isinstance(named, list) else []
    left = frozenset(part for part in Part if part.value in named)
    return replace(preset, without=left, **told)  # type: ignore[arg-type]
