"""BuildKit's account of a build in both its forms, cut anywhere, and what is none."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.builds.dockerfile_steps import DockerfileSteps
from workbench.builds.rawjson import RawJson, steps_of
from workbench.model.build import BuildStep

DOCKERFILE = """# syntax
FROM debian AS base
RUN one
FROM base
COPY --from=base /a /a
ENV X=1
RUN two \\
    more
"""
ERROR = "------\n > [stage-1 2/2] RUN two:\n------\nERROR: failed to solve: exit code: 1\n"


def at(seconds: float) -> str:
    return f"2026-01-01T00:00:{seconds:012.9f}Z"


def vertex(
    digest: str, name: str, *inputs: str, begin: float | None = None, end: float | None = None, **more: Any
) -> Any:
    found: dict[str, Any] = {"digest": digest, "name": name, "inputs": list(inputs), **more}
    found |= {"started": at(begin)} if begin is not None else {}
    return found | ({"completed": at(end)} if end is not None else {})


TOLD: list[dict[str, Any]] = [
    {"vertexes": [vertex("d", "[internal] load build definition from Dockerfile", begin=1, end=1.25)]},
    {"vertexes": [vertex("m", "[internal] load metadata for docker.io/library/debian", begin=1.25, end=1.5)]},
    {
        "vertexes": [
            vertex("f", "[base 1/2] FROM docker.io/library/debian", begin=2, end=2, cached=True),
            vertex("1", "[base 2/2] RUN one", "f"),
            vertex("2", "[stage-1 1/2] COPY --from=base /a /a", "1", "f"),
            vertex("3", "[stage-1 2/2] RUN two     more", "2"),
        ]
    },
    {"vertexes": [vertex("c", "[internal] load build context", begin=2, end=2.5)]},
    {"statuses": [{"id": "transferring context:", "vertex": "c", "current": 1234}]},
    {"vertexes": [vertex("1", "[base 2/2] RUN one", "f", begin=3)]},
    {"logs": [{"vertex": "1", "stream": 1, "data": base64.b64encode(b"hello").decode()}]},
    {"vertexes": [vertex("1", "[base 2/2] RUN one", "f", begin=3, end=5.5)]},
    {"vertexes": [vertex("2", "[stage-1 1/2] COPY --from=base /a /a", "1", "f", begin=5.5, end=6)]},
    {"vertexes": [vertex("3", "[stage-1 2/2] RUN two     more", "2", begin=6, end=7, error="exit code: 1")]},
    {"vertexes": [vertex("e", "exporting to image", begin=7, end=8)]},
]
ONE_A_LINE = "".join(json.dumps(one) + "\n" for one in TOLD)
PRETTY = "".join(json.dumps(one, indent=2) + "\n" for one in TOLD)


def read(*pieces: str) -> RawJson:
    found = RawJson()
    for piece in pieces:
        found.feed(piece)
    return found


def steps(found: RawJson) -> tuple[BuildStep, ...]:
    return steps_of(found, DockerfileSteps(DOCKERFILE))[0]


FAR = ("2400-01-01T00:00:00Z", "2262-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z")


@pytest.mark.parametrize("far", FAR)
def test_a_moment_when_nobody_builds_is_not_known(far: str) -> None:
    near = vertex("a", "[1/2] RUN a", begin=1, end=3)
    begun, done = ({**vertex("b", "[2/2] RUN b", "a", begin=3, end=4), name: far} for name in ("started", "completed"))
    for told, times in ((begun, (None, 3.0)), (done, (2.0, None))):
        found, first_ns = steps_of(read(json.dumps({"vertexes": [near, told]})), DockerfileSteps(""))
        assert [(step.began, step.ended) for step in found] == [(0.0, 2.0), times]
        assert first_ns == 1_767_225_601 * 10**9


def test_what_ends_before_it_begins_takes_no_time() -> None:
    told = [
        vertex("a", "[1/3] RUN a", begin=6, end=1),
        vertex("b", "[2/3] RUN b", "a", end=5),
        vertex("c", "[3/3] RUN c", "b", begin=8, end=7),
    ]
    found = steps(read(json.dumps({"vertexes": told})))
    assert [(step.began, step.ended) for step in found] == [(0.0, 0.0), (None, 0.0), (2.0, 2.0)]


def test_numbers_that_nothing_can_hold_are_not_believed() -> None:
    long = "9" * 5000
    sizes = f'{{"statuses": [{{"id": "transferring context:", "current": {"9" * 400}}}]}}'
    found = read(json.dumps({"vertexes": [vertex("a", f"[{long}/{long}] RUN a", begin=1)]}), sizes)
    assert found.context_bytes is None
    assert [step.index for step in steps(found)] == [None]


@pytest.mark.parametrize("content", [ONE_A_LINE, PRETTY])
@given(cuts=st.lists(st.integers(0, 3000), max_size=6))
def test_both_forms_in_any_pieces(content: str, cuts: list[int]) -> None:
    whole = content + ERROR
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    found = read(*(whole[begin:end] for begin, end in pairwise(edges)))
    assert found.tail.endswith("ERROR: failed to solve: exit code: 1")
    assert found.context_bytes == 1234
    assert found.vertexes["1"].log.text == "hello"
    assert steps(found) == steps(read(ONE_A_LINE))


def test_steps_with_lines_and_needs() -> None:
    found = steps(read(ONE_A_LINE))
    by_words = {step.instruction: step for step in found}
    one = by_words["RUN one"]
    assert (one.stage, one.index, one.line, one.began, one.ended) == ("base", 2, 3, 2.0, 4.5)
    assert by_words["COPY --from=base /a /a"].line == 5, "a stage on another stage has no FROM of its own"
    assert by_words["RUN two     more"].line == 7
    assert by_words["RUN two     more"].error == "exit code: 1"
    base = by_words["FROM docker.io/library/debian"]
    assert (base.is_base, base.cached, base.seconds) == (True, True, 0)
    assert found[base.inputs[0]].instruction.startswith("[internal] load build definition")
    export = by_words["exporting to image"]
    assert export.is_internal
    assert [found[need].instruction for need in export.inputs] == ["RUN two     more"]


def test_what_never_ran_has_no_times() -> None:
    found = steps(read(json.dumps({"vertexes": [vertex("x", "[1/2] FROM a"), vertex("y", "[2/2] RUN b", "x")]})))
    assert [(step.began, step.ended, step.seconds, step.stage) for step in found] == [(None, None, 0, "")] * 2


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_is_read(pieces: list[str]) -> None:
    steps(read('{"vertexes": [{"digest": 3, "inputs": "x", "name": ["a"]}]}', *pieces))


@pytest.mark.parametrize("content", ["ERROR: no builder\n", "[]", "3", '{"vertexes": 4}', '{"logs": [{"data": "!"}]}'])
def test_what_is_no_account(content: str) -> None:
    assert steps(read(content)) == ()
