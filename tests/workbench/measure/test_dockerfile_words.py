import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.dockerfile import Step, all_steps, directives, global_arguments, parse, stage_names, stage_of
from workbench.measure.dockerfile_variables import assignments, variables_in, with_values
from workbench.measure.dockerfile_words import (
    commands_of,
    copy_words,
    flag,
    is_apt,
    json_form,
    mounts_of,
    packages_installed,
    pip_words,
)


def step(text: str) -> Step:
    return parse(f"FROM x\n{text}\n")[0].own_steps[0]


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands_of(step(text))]


def test_commands_of_the_shell_form() -> None:
    found = words(
        "RUN --mount=type=cache,target=/c set -eux; apt-get update >/dev/null 2>&1 && \\\n"
        "  DEBIAN_FRONTEND=noninteractive apt-get -y install 'a b' c#d > log | tee x; "
        "if [ -f y ]; then pip install -r r; fi # the end && rm z"
    )
    assert found == [
        ("set", "-eux"),
        ("apt-get", "update"),
        ("apt-get", "-y", "install", "a b", "c#d"),
        ("tee", "x"),
        ("[", "-f", "y", "]"),
        ("pip", "install", "-r", "r"),
        ("fi",),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("RUN <<EOF\napt-get update\npip install x\nEOF", [("apt-get", "update"), ("pip", "install", "x")]),
        ("RUN bash <<EOF\nmake\nEOF", [("make",)]),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport this\nEOF", []),
        ("RUN python3 <<EOF > /x\nimport this\nEOF", [("python3",)]),
        ('RUN ["/bin/sh", "-c", "cd /x && make"]', [("cd", "/x"), ("make",)]),
        ('RUN ["make", "a b"]', [("make", "a b")]),
        ("RUN echo 'never closed", [("echo", "'never", "closed")]),
    ],
)
def test_commands_of_other_forms(text: str, wanted: list[tuple[str, ...]]) -> None:
    assert words(text) == wanted


def test_packages_and_pip_however_it_is_called() -> None:
    install = commands_of(step("RUN sudo apt-get install -y gcc=4:12 git/sid $MORE"))[0]
    assert is_apt(install, "install")
    assert packages_installed(install) == ("gcc", "git")
    called = ["pip install -q a", "pip3.11 --quiet install a", "python -m pip install a", "uv pip install a"]
    assert [pip_words(commands_of(step(f"RUN {text}"))[0]) for text in called] == [("-q", "a"), ("a",), ("a",), ("a",)]
    assert pip_words(commands_of(step("RUN pip list"))[0]) is None


def test_copies() -> None:
    found = copy_words(step('COPY --from=build --chown=1:1 ["a b", "/c/"]'))
    assert (found.sources, found.destination, found.from_) == (("a b",), "/c/", "build")
    assert copy_words(step('COPY a "b c" d\\ e /f/')).sources == ("a", "b c", "d e")
    assert copy_words(step("COPY <<EOF z /etc/\nhi\nEOF")).sources == ("z",)
    assert flag(step("COPY --link --chmod=755 a b"), "chmod") == "755"


def test_mounts() -> None:
    bind, cache = mounts_of(step("RUN --mount=source=r.txt,dst=/r --mount=type=cache,target=/c,from=x true"))
    assert (bind.kind, bind.source, bind.target, cache.kind, cache.from_) == ("bind", "r.txt", "/r", "cache", "x")


def test_json_form_only_when_it_is_json() -> None:
    assert json_form(step('CMD ["a", "b"]')) == ["a", "b"]
    assert json_form(step("CMD ['a']")) is None
    assert json_form(step("CMD a b")) is None


def test_variables() -> None:
    assert assignments("ENV", 'A=1 B="x y" C=d\\ e') == {"A": "1", "B": "x y", "C": "d\\ e"}
    assert assignments("ENV", "A b c") == {"A": "b c"}
    assert assignments("ARG", "A B=1") == {"A": None, "B": "1"}
    assert with_values("$A/${B}/${C:-c}/${A:+y}/$D", {"A": "1", "B": "2"}) == "1/2/c/y/$D"
    assert variables_in("$A ${B:-x} \\$C") == {"A", "B"}


def test_stages_by_name_and_number_and_directives() -> None:
    stages = parse("# syntax=docker/dockerfile:1\n# escape=`\n\n# check=skip=all\nFROM a AS One\nFROM b\nFROM one\n")
    assert stage_names(stages) == ("one", "stage-1", "stage-2")
    assert [stage_of(stages, name, 2) for name in ("ONE", "1", "stage-1", "2", "a")] == [0, 1, None, None, None]
    assert directives("# syntax=docker/dockerfile:1\n# escape=`\n\n# check=skip=all\n") == {
        "syntax": "docker/dockerfile:1",
        "escape": "`",
    }
    stages = parse("ARG V=1\nRUN a\nFROM a:$V\nARG V\nRUN b\nFROM c\nRUN d\n")
    assert [each.rest for each in global_arguments(stages)] == ["V=1"]
    assert [each.line for each in stages[0].own_steps] == [4, 5]
    assert [each.line for each in all_steps(stages)] == [1, 2, 4, 5, 7]
    assert (global_arguments(()), list(all_steps(()))) == ((), [])


LONG = 2**20
"""Characters, of which no pattern may look at all again for each."""


@pytest.mark.parametrize(
    "text",
    [
        "a" * LONG,
        "a." * (LONG // 2) + " b",
        "${a:-" * (LONG // 5),
        "} " + "${a-" * (LONG // 4),
        "1" * LONG,
        "--flag=1 " * (LONG // 9),
        "cat <<E " + "1" * LONG + "\nE",
    ],
    ids=lambda text: text[:9],
)
def test_a_long_text_is_read_once(text: str) -> None:
    each = step(f"RUN {text}")
    commands_of(each)
    copy_words(each)
    assignments("ENV", text)
    assignments("ARG", text)
    variables_in(text)
    assert len(with_values(text, {"a": "b"})) <= len(text)


def test_values_do_not_fill_the_memory() -> None:
    assert len(with_values("$A" * 500_000, {"A": "x" * 100_000})) == 65536
    assert with_values("$A-" * 3, {"A": "x" * 30_000})[-1] == "x", "it is cut"


def test_variables_behind_the_last_brace() -> None:
    assert variables_in("${A:-$B} ${C:-$D") == {"A", "D"}
    assert with_values("${A} \\$A ${A:-$A", {"A": "1"}) == "1 \\$A ${A:-1"


def test_a_step_is_taken_apart_once_for_all_that_ask() -> None:
    assert commands_of(step("RUN a && b")) is commands_of(step("RUN a && b"))


@given(st.sampled_from(["RUN", "COPY", "ADD", "ENV", "ARG"]), st.text(max_size=80))
def test_any_text_is_read(word: str, text: str) -> None:
    for each in parse(f"FROM x\n{word} {text}")[0].own_steps:
        commands_of(each)
        copy_words(each)
        mounts_of(each)
        assignments(each.word, each.rest)
