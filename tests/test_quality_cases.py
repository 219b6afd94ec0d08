"""The quality bench asks what it was told to, and knows when an answer no longer holds."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.bench import quality_cases as bench_quality_cases
from app.bench.quality_cases import (
    Case,
    Effort,
    cases,
    code_fingerprint,
    divided,
    fingerprint,
    left_out,
    setting_names,
)
from core.errors import UserError
from core.pipeline.parts import PLAIN, Part
from core.pipeline.settings import NONE, PRESETS, Preset

NAMES = [f"{i:02d}.jpg" for i in range(50)]


def test_settings_leave_out_what_their_names_say() -> None:
    assert left_out("plain") == PLAIN
    assert left_out("auto") == left_out("prior") == frozenset()
    assert left_out("auto-decay-smooth") == {Part.DECAY, Part.SMOOTH}
    assert left_out("plain+dense") == PLAIN - {Part.DENSE}
    for wrong in ("best", "auto-everything", "plain+nothing"):
        with pytest.raises(UserError, match="no setting"):
            left_out(wrong)


def test_an_ablation_leaves_out_each_part_once() -> None:
    names = setting_names(("plain", "ablation"))
    assert len(names) == len(set(names)) == 2 + len(Part)
    assert {part for name in names[2:] for part in left_out(name)} == set(Part)


@pytest.mark.parametrize("every", [8, None])
@pytest.mark.parametrize("photos", [3, 9, 0])
def test_no_photo_is_trained_on_and_tested_with(photos: int, every: int | None) -> None:
    train, test = divided(NAMES, photos, every)
    assert not set(train) & set(test)
    if every is None:
        assert sorted(train + test) == NAMES
    else:
        assert test == NAMES[::every]
    assert len(train) == (photos or len(NAMES) - (len(test) if every else 0))
    assert train == sorted(train)


def test_counts_that_a_capture_cannot_have_are_left_out() -> None:
    captures = {"few": NAMES[:8], "many": NAMES}
    listed = list(cases(captures, (3, 9, 0), ("plain", "auto"), (0, 1), "known", 8))
    assert {case.photos for case in listed if case.capture == "few"} == {3, 7}
    assert {case.photos for case in listed if case.capture == "many"} == {3, 9, 43}
    assert len(listed) == len({case.id for case in listed}) == 5 * 2 * 2
    # Without a photo to test with there is nothing to measure.
    assert not list(cases({"few": NAMES[:3]}, (3, 0), ("plain",), (0,), "own", None))


def test_settings_are_those_of_the_preset_but_for_what_is_given() -> None:
    effort = Effort(Preset.QUICK, 77, None, 8)
    settings = effort.settings(Case("a", "known", 3, "auto-dense", 5))
    assert (settings.iterations, settings.seed) == (77, 5)
    assert settings.max_size == PRESETS[Preset.QUICK].max_size
    assert settings.without == {Part.DENSE}
    assert settings.prior == NONE
    with_prior = replace(effort, prior="somewhere").settings(Case("a", "known", 3, "prior", 5))
    assert (with_prior.prior, with_prior.without) == ("somewhere", frozenset())


def test_the_code_fingerprint_heeds_statements_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_quality_cases, "CORE", tmp_path)
    for folder in ("poses", "train", "export"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "work.py").write_text("x = 1\n")
    all_of_it, poses = code_fingerprint(), code_fingerprint("poses")
    (tmp_path / "poses" / "work.py").write_text("# a remark\nx  =  1\n")
    (tmp_path / "export" / "work.py").write_text("x = 2\n")
    assert (code_fingerprint(), code_fingerprint("poses")) == (all_of_it, poses)
    (tmp_path / "train" / "work.py").write_text("x = 2\n")
    assert code_fingerprint() != all_of_it
    assert code_fingerprint("poses") == poses


def test_fingerprints_tell_parts_apart() -> None:
    assert fingerprint(["a", "b"], "c") == fingerprint(["a", "b"], "c")
    assert fingerprint(["a", "b"], "c") != fingerprint(["a"], "b", "c")
