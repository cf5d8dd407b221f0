"""Whole snapshots that are kept packed."""

import msgspec

from workbench.history.snapshots import Snapshots
from workbench.model.processes import FocusSnapshot, Process
from workbench.sources.recording_format import encode_value

ODD = FocusSnapshot("c", (Process(7, 1, "bad\udc80name", command="容器 \udcff"),))
"""The name of a process may be any bytes; those that are no text are lone surrogates."""


def test_text_that_no_encoding_can_carry_is_kept_as_far_as_it_can_be() -> None:
    kept: Snapshots[FocusSnapshot] = Snapshots(FocusSnapshot, 10, 100_000)
    kept.add(1.0, ODD)
    found = kept.at(2.0)
    assert found is not None
    assert [(process.name, process.command) for process in found[1].processes] == [("bad?name", "容器 ?")]


def test_so_it_is_in_a_recording() -> None:
    told = msgspec.json.decode(encode_value(ODD), type=FocusSnapshot)
    assert told.processes[0].name == "bad?name"
    assert told.processes[0].pid == 7
