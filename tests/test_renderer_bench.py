"""The viewport's bench measures what it says, and says when it cannot."""

import json
from typing import Any

import moderngl
import pytest

from app.bench.viewport import Case, measure, report
from core.errors import Unavailable
from widgets.viewport.context import standalone


def test_a_measured_case_can_be_told_and_written_down() -> None:
    try:
        found = measure((Case(2000, 96, 54),), (5000,))
    except Unavailable as error:
        pytest.skip(str(error))
    assert json.loads(json.dumps(found)) == found
    case = found["pictures"][0]
    assert case["orbit_fps"] > 1
    assert case["still_ms"] > 0
    assert any("pictures a second" in line for line in report(found))


def test_without_egl_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise Exception("libEGL.so.1: cannot open shared object file\nmore")

    monkeypatch.setattr(moderngl, "create_standalone_context", fail)
    with pytest.raises(Unavailable) as caught, standalone():
        pass
    assert "libEGL.so.1: cannot open shared object file)" in caught.value.problem
    assert "libegl1" in caught.value.hint
