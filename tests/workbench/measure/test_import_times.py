"""Import times as a tree, checked against what the interpreter itself says and against hostile lines."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.flame.functions import functions_of
from workbench.measure.import_times import import_times

TEXT = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   zipimport
unrelated
import time:        20 |         20 |     below
import time:        30 |         30 |     beside
import time:        50 |        100 |   middle
import time:         5 |        105 | top
"""


def test_importers_stand_above_what_they_import() -> None:
    found = import_times(TEXT.replace("  zipimport", "zipimport"))
    assert (found.modules, found.is_mixed) == (5, False)
    assert found.seconds == pytest.approx(205e-6)
    figures = {one.place.name: one for one in functions_of(found.tree)}
    assert figures["top"].total == pytest.approx(105e-6)
    assert figures["middle"].total == pytest.approx(100e-6)
    assert figures["middle"].own == pytest.approx(50e-6)
    names = [found.tree.at(node).name for node in range(1, len(found.tree))]
    assert names == ["zipimport", "top", "middle", "below", "beside"]


def test_lines_of_two_processes_are_noticed() -> None:
    assert import_times(TEXT).is_mixed, "top does not hold zipimport's time"


def test_a_real_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import json.decoder, email.message"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = import_times(done.stderr)
    assert not found.is_mixed
    assert found.modules == done.stderr.count("import time:") - 1
    figures = {one.place.name: one for one in functions_of(found.tree)}
    assert figures["email.message"].total > figures["email.message"].own
    assert found.tree.total[0] == pytest.approx(found.seconds, abs=found.modules * 2e-6)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    import_times(text)
    import_times(f"import time: 1 | 2 | {text}")
