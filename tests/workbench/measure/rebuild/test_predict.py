"""What a builder's cache depends on, and what a change rebuilds; `tests/live/test_rebuild.py` asks the builders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.rebuild.worlds import FILES, facts, plan
from workbench.measure.dockerfile_variables import assignments
from workbench.measure.rebuild import plan as plan_module
from workbench.measure.rebuild import what_if as what_if_module
from workbench.measure.rebuild.context_files import ContextFiles
from workbench.measure.rebuild.plan import Facts, base_images, plan_of
from workbench.measure.rebuild.predict import HeldBuild
from workbench.measure.rebuild.stages import context_sources
from workbench.measure.rebuild.what_if import WhatIf
from workbench.model.build_prediction import BuildPlan, RebuildPrediction

TEXT = """\
ARG TAG=1
FROM base:$TAG AS build
RUN one
ARG FOO=1
COPY src/ /src/
RUN two
FROM other:1
ENV A=b
WORKDIR /app
COPY --from=build /out /out
COPY app.py .
RUN three
"""


def fates(before: str, after: str, **more: object) -> dict[int, str]:
    found = HeldBuild(plan(before)).predict(plan(after, **more), "since", "", {})  # type: ignore[arg-type]
    return {step.line: step.fate for step in found.steps}


def test_steps_of_both_builders() -> None:
    buildx, classic = plan(TEXT), plan(TEXT, builder="classic")
    assert [step.line for step in buildx.steps] == [2, 3, 5, 6, 7, 9, 10, 11, 12]
    assert [step.line for step in classic.steps] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    copy = next(step for step in buildx.steps if step.line == 10)
    assert [buildx.steps[place].line for place in copy.copies] == [6]
    taken = [file.path for file in buildx.steps[2].files]
    assert taken == ["src", "src/a.py", "src/b.txt", "src/deep", "src/deep/c.txt"]
    assert base_images(TEXT, facts(arguments={"TAG": "2"})) == ("base:2", "other:1")


def test_what_depends_on_a_file() -> None:
    assert fates(TEXT, TEXT, files={**FILES, "src/deep/c.txt": "new"}) == {
        5: "will",
        6: "will",
        10: "may",
        11: "may",
        12: "may",
    }
    assert fates(TEXT, TEXT, files={**FILES, "app.py": "new"}) == {11: "will", 12: "will"}
    assert fates(TEXT, TEXT, files={**FILES, "requirements.txt": "new"}) == {}


def test_what_depends_on_an_argument_and_a_base() -> None:
    assert fates(TEXT, TEXT, arguments={"FOO": "2"}) == {6: "will", 10: "may", 11: "may", 12: "may"}
    assert fates(TEXT, TEXT, arguments={"FOO": "1", "UNKNOWN": "2"}) == {}
    first = dict.fromkeys((3, 5, 6), "will")
    assert fates(TEXT, TEXT, arguments={"TAG": "2"}) == first | dict.fromkeys((10, 11, 12), "may")
    assert fates(TEXT, TEXT, bases={"other:1": "new"}) == {9: "will", 10: "will", 11: "will", 12: "will"}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("RUN three", "RUN  three", {}),
        ("RUN three", "RUN three  x", {12: "will"}),
        ("ENV A=b", "# comment\nENV A=b", {}),
        ("ENV A=b", "ENV A=c", {12: "will"}),
        ("ENV A=b", "LABEL x=y\nENV A=b", {}),
        ("WORKDIR /app", "WORKDIR /srv", {9: "will", 10: "will", 11: "will", 12: "will"}),
        ("COPY app.py .", "COPY  app.py   ./", {}),
        ("COPY app.py .", "COPY app.py x", {11: "will", 12: "will"}),
        ("COPY app.py .", "COPY  app.py   .", {}),
        ("COPY app.py .", "COPY --link app.py /app/", {11: "will", 12: "will"}),
    ],
)
def test_what_depends_on_a_line(old: str, new: str, wanted: dict[int, str]) -> None:
    shift = new.count("\n")
    assert fates(TEXT, TEXT.replace(old, new)) == {line + shift: fate for line, fate in wanted.items()}


def test_a_linked_copy_does_not_depend_on_what_is_below_it() -> None:
    text = "FROM a:1\nRUN one\nCOPY --link app.py /\nRUN two\n"
    assert fates(text, text.replace("one", "other")) == {2: "will", 4: "will"}
    assert fates(text, text, files={**FILES, "app.py": "new"}) == {3: "will", 4: "will"}


def test_what_is_fetched_may_have_changed() -> None:
    text = "FROM a:1\nADD https://x.org/y /y\nRUN one\n"
    assert fates(text, text) == {2: "may", 3: "may"}


def test_a_mount_of_the_context_is_an_input() -> None:
    text = "FROM a:1\nRUN --mount=type=bind,source=requirements.txt,target=/r pip install -r /r\n"
    assert fates(text, text, files={**FILES, "requirements.txt": "new"}) == {2: "will"}
    assert context_sources(text, "", "buildx") == {"requirements.txt"}
    assert context_sources(text, "", "classic") == {"."}


def test_stages_that_are_not_needed_do_not_matter_to_buildkit() -> None:
    text = "FROM a:1 AS lost\nCOPY . .\nFROM b:1\nRUN one\n"
    assert fates(text, text, files={**FILES, "app.py": "new"}) == {}
    before, after = plan(text, builder="classic"), plan(text, {**FILES, "app.py": "new"}, builder="classic")
    assert [step.line for step in HeldBuild(before).predict(after, "file", "", {}).steps] == [2]


def test_reasons_and_seconds() -> None:
    before, after = plan(TEXT), plan(TEXT, {**FILES, "src/a.py": "new", "src/new.py": ""})
    seconds = {step.text_digest: float(step.line) for step in before.steps if step.line != 12}
    found = HeldBuild(before).predict(after, "file", "", seconds)
    assert [step.reason for step in found.steps] == [
        "src/a.py changed and 1 more file",
        "the step before it runs",
        "it takes files from build, of which something runs",
        "the step before it may run",
        "the step before it may run",
    ]
    assert (found.will, found.may, found.total) == (2, 3, 7)
    assert (found.will_seconds, found.may_seconds, found.unknown) == (11, 21, 1)
    assert HeldBuild(before).predict(before, "file", "", {}) == RebuildPrediction("file", "", (), 7, 0, 0, 0)


def test_the_usual_questions() -> None:
    text = "ARG TAG=1\nFROM a:$TAG\nARG V\nCOPY requirements.txt .\nRUN one\nCOPY . .\nRUN two\n"
    found = {each.change: [step.line for step in each.steps] for each in WhatIf(text, facts(), {}).usual()}
    assert found == {
        "app.py changes": [6, 7],
        "requirements.txt changes": [4, 5, 6, 7],
        "the build argument TAG changes": [4, 5, 6, 7],
        "the build argument V changes": [5, 6, 7],
        "there is a new a:1": [4, 5, 6, 7],
    }
    assert [step.line for step in WhatIf(text, facts(), {}).file_changes("new.txt").steps] == [6, 7]


def test_each_question_takes_one_plan_however_often_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Facts] = []

    def counted(text: str, about: Facts) -> BuildPlan:
        made.append(about)
        return plan_of(text, about)

    monkeypatch.setattr(what_if_module, "plan_of", counted)
    text = "FROM a:1\nARG V\nCOPY requirements.txt .\nRUN one\nCOPY . .\nRUN two\n"
    what_if = WhatIf(text, facts(), {}, plan_of(text, facts()))
    rows = list(what_if.usual())
    assert what_if.file_changes(what_if.source_file()) is rows[0]
    assert len(made) == len(rows) == 4


def test_arguments_before_the_first_stage_are_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(word: str, text: str) -> dict[str, str | None]:
        read.append(text)
        return assignments(word, text)

    monkeypatch.setattr(plan_module, "assignments", counted)
    chained = "".join(f"FROM s{number} AS s{number + 1}\n" for number in range(30))
    found = plan(f"ARG BASE=a\nARG IMAGE=$BASE:1\nFROM $IMAGE AS s0\n{chained}")
    assert [step.line for step in found.steps] == [3]
    assert read == ["BASE=a", "IMAGE=a:1"]


def test_what_changed_of_many_files() -> None:
    before = plan("FROM a:1\nCOPY . .\n", {"a": "1", "b": "2", "c": "3"})
    after = plan("FROM a:1\nCOPY . .\n", {"b": "2", "c": "4", "d": "5"})
    found = HeldBuild(before).predict(after, "since", "", {})
    assert [step.reason for step in found.steps] == ["a changed and 2 more files"]


def test_sources_with_wildcards_and_links() -> None:
    files = {"a.txt": "", "b.txt": "", "d/c.txt": "", "d/x/y": "", "link": "->d/x", "up": "->../../d"}
    looked = ContextFiles(facts(files).context.entries)
    assert [entry.path for entry in looked.taken("*.txt")] == ["a.txt", "b.txt"]
    assert [entry.path for entry in looked.taken("d/*")] == ["d/c.txt", "d/x", "d/x/y"]
    assert [entry.path for entry in looked.taken("/d/../d/c.txt")] == ["d/c.txt"]
    assert [entry.path for entry in looked.taken("link")] == ["d/x", "d/x/y"]
    assert [entry.path for entry in looked.taken("up/c.txt")] == ["d/c.txt"], "never out of the context"
    assert list(looked.taken("nothing")) == []
    assert len(list(looked.taken("."))) == len(files) + 2


PIECES = ("FROM a", "FROM a AS b", "COPY . .", "COPY --from=b x y", "RUN x", "ARG A", "COPY")


@given(st.lists(st.sampled_from(PIECES) | st.text()))
def test_any_text_has_a_plan(lines: list[str]) -> None:
    text = "\n".join(lines)
    for builder in ("buildx", "classic"):
        same = plan(text, builder=builder)
        assert all(step.fate == "may" for step in HeldBuild(same).predict(same, "since", "", {}).steps)
