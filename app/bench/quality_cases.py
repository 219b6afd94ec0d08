"""The cases of the quality bench: what is asked of each, and whether its answer still holds."""

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import UserError
from core.pipeline.parts import PLAIN, Part
from core.pipeline.settings import AUTO, NONE, PRESETS, Preset, Settings
from core.pipeline.split import evenly

CORE = Path(__file__).resolve().parents[2] / "core"
# What a reconstruction is made of; what is only shown, stored or exported changes no figure.
SOLVING = ("capture", "geometry", "poses", "pipeline/triangulate.py")
NOT_MEASURED = ("export", "project", "scene")
PLAIN_NAME, AUTO_NAME, PRIOR_NAME, ABLATION_NAME = "plain", "auto", "prior", "ablation"
ALL = 0  # as a number of photos


@dataclass(frozen=True)
class Case:
    """One reconstruction to measure. `photos`: how many to train on; `poses`: "known" or "own"."""

    capture: str
    poses: str
    photos: int
    setting: str
    seed: int

    @property
    def input_id(self) -> str:
        """Names what the settings are compared on."""
        return f"{self.capture}-{self.poses}-{self.photos}-seed{self.seed}"

    @property
    def id(self) -> str:
        return f"{self.capture}-{self.poses}-{self.photos}-{self.setting}-seed{self.seed}"


@dataclass(frozen=True)
class Effort:
    """What all cases are given; None for what the preset says. `every` None: test the rest.

    `prior` helps where the setting is "prior".
    """

    preset: Preset
    iterations: int | None
    max_size: int | None
    every: int | None
    device: str = "auto"
    judge: bool = False
    prior: str = AUTO

    def settings(self, case: Case) -> Settings:
        preset = PRESETS[self.preset]
        return replace(
            preset,
            iterations=self.iterations or preset.iterations,
            max_size=self.max_size or preset.max_size,
            seed=case.seed,
            judge=self.judge,
            without=left_out(case.setting),
            prior=self.prior if case.setting.startswith(PRIOR_NAME) else NONE,
        )


def setting_names(asked: Sequence[str]) -> tuple[str, ...]:
    """The names meant by `asked`, "ablation" among them. Raises `UserError` for unknown ones."""
    names: list[str] = []
    for word in asked:
        if word == ABLATION_NAME:
            names += [PLAIN_NAME, AUTO_NAME, *(f"{AUTO_NAME}-{part.value}" for part in Part)]
        else:
            left_out(word)
            names.append(word)
    return tuple(dict.fromkeys(names))


def left_out(setting: str) -> frozenset[Part]:
    """The parts that `setting` does without: "plain", "auto", "auto-decay", "auto-decay-smooth".

    "plain+dense" is plain with that part alone, "prior" auto with a prior. Raises `UserError` for
    other words.
    """
    base, *less = setting.split("-")
    base, *more = base.split("+")
    parts = {part.value: part for part in Part}
    unknown = [word for word in (*less, *more) if word not in parts]
    if base not in (PLAIN_NAME, AUTO_NAME, PRIOR_NAME) or unknown:
        raise UserError(
            f'There is no setting "{setting}".',
            hint="There are plain, auto, prior, ablation, and auto-PART with one of "
            f"{', '.join(parts)}.",
        )
    out = PLAIN if base == PLAIN_NAME else frozenset[Part]()
    return (out | {parts[word] for word in less}) - {parts[word] for word in more}


def divided(names: Sequence[str], photos: int, every: int | None) -> tuple[list[str], list[str]]:
    """Photos to train on and to test with, of the sorted `names`.

    Every `every`-th is for the test, and those trained on are evenly spaced over the others;
    with None all that are not trained on are for the test.
    """
    if every is None:
        train = evenly(names, photos or len(names))
        return train, [name for name in names if name not in train]
    test = list(names[::every])
    left = [name for name in names if name not in test]
    return evenly(left, photos or len(left)), test


def cases(
    captures: Mapping[str, Sequence[str]],
    photos: Sequence[int],
    settings: Sequence[str],
    seeds: Sequence[int],
    poses: str,
    every: int | None,
) -> Iterator[Case]:
    """Every combination, by capture, photos, seed, setting; `captures`: their photos by name.

    A count that a capture has not enough photos for is left out.
    """
    for name, listed in captures.items():
        counts = dict.fromkeys(_count(listed, count, every) for count in photos)
        for count in counts:
            if count is None:
                continue
            for seed in seeds:
                for setting in settings:
                    yield Case(name, poses, count, setting, seed)


def _count(names: Sequence[str], asked: int, every: int | None) -> int | None:
    train, test = divided(names, asked, every)
    return len(train) if test and len(train) >= max(asked, 2) else None


def code_fingerprint(*folders: str) -> str:
    """Changes with the statements of the files of core below `folders`, not with their comments.

    Without `folders`: of all that a reconstruction is made of.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(CORE.rglob("*.py")):
        name = path.relative_to(CORE).as_posix()
        if name.startswith(folders or ("",)) and not name.startswith(NOT_MEASURED):
            tree = ast.dump(ast.parse(path.read_text(encoding="utf-8")))
            digest.update(f"{name} {tree}".encode())
    return digest.hexdigest()


def fingerprint(*parts: object) -> str:
    """Changes with any of `parts`, which JSON can hold."""
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
