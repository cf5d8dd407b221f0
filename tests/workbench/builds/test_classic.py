"""What the classic builder says, as steps."""

from typing import Any

from workbench.builds.classic import ClassicSteps
from workbench.builds.dockerfile_steps import DockerfileSteps

DOCKERFILE = """ARG BASE=debian
FROM ${BASE} AS left
RUN one
FROM debian
COPY --from=left /a /a
RUN --mount=type=cache two
"""
SAID: list[tuple[float, dict[str, Any]]] = [
    (0.0, {"stream": "Step 1/6 : ARG BASE=debian\n"}),
    (0.1, {"stream": "Step 2/6 : FROM ${BASE} AS left\n"}),
    (0.1, {"stream": " ---> 0123456789ab\n"}),
    (0.2, {"stream": "Step 3/6 : RUN one\n"}),
    (0.2, {"stream": " ---> Using cache\n"}),
    (0.2, {"stream": " ---> 222222222222\n"}),
    (0.3, {"stream": "Step 4/6 : FROM debian\n"}),
    (0.3, {"stream": " ---> 0123456789ab\n"}),
    (0.5, {"stream": "Step 5/6 : COPY --from=left /a /a\n"}),
    (1.5, {"stream": " ---> 555555555555\n"}),
    (1.5, {"aux": {"ID": "sha256:5"}}),
    (1.5, {"stream": "Step 6/6 : RUN --mount=type=cache two\n"}),
    (2.0, {"error": "password=hunter2 is\nwrong", "errorDetail": {}}),
]


def test_steps() -> None:
    read = ClassicSteps(DockerfileSteps(DOCKERFILE))
    for at, said in SAID:
        read.feed(said, at)
    read.end(2.5)
    assert [(step.stage, step.index, step.line) for step in read.steps] == [
        ("", 1, 1),
        ("left", 1, 2),
        ("left", 2, 3),
        ("stage-1", 1, 4),
        ("stage-1", 2, 5),
        ("stage-1", 3, 6),
    ]
    assert [step.cached for step in read.steps] == [False, False, True, False, False, False]
    assert [step.seconds for step in read.steps[4:]] == [1.0, 1.0]
    assert read.steps[4].inputs == (3, 2), "its own stage, and the one that it copies from"
    assert read.made == ["555555555555"], "neither a base nor what was in the cache"
    assert read.image_id == "sha256:5"
    assert read.error == "password=•••••• is wrong"
    assert read.steps[-1].error == read.error


def test_what_a_step_writes_is_its_log() -> None:
    read = ClassicSteps(DockerfileSteps(DOCKERFILE), labels=("workbench.profiler",))
    for words in (
        "before any step\n",
        "Step 1/3 : FROM debian AS left\n",
        " ---> 0123456789ab\n",
        "Step 2/3 : RUN echo hello password=hunter2\n",
        " ---> Running in 35531a6d435d\n",
        "hel",
        "lo\n",
        "\x1b[91mwarning\n\x1b[0m",
        "Removing intermediate container 35531a6d435d\n",
        " ---> 7529c4012557\n",
        "Step 3/3 : LABEL workbench.profiler=1\n",
        " ---> Running in 997d998e1e36\n",
    ):
        read.feed({"stream": words}, 0.0)
    told = read.told()
    assert [step.log for step in told] == ["", "hello\n\x1b[91mwarning\n\x1b[0m"]
    assert told[1].instruction == "RUN echo hello password=••••••"
    assert len(read.steps) == 3, "a label of our own is no step of the Dockerfile"
