from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.dockerfile import final_stages, parse

TEXT = """\
# syntax=docker/dockerfile:1
ARG VERSION=3.11
FROM python:$VERSION AS Build
RUN pip install \\
  # a comment in between

    torch \\
    numpy
FROM --platform=linux/amd64 debian AS runtime
ENV A=b
FROM build
COPY --from=runtime /x /y
RUN <<EOF
echo "not # a comment"
FROM nothing
EOF
run	echo hi
"""


def test_stages_continued_lines_comments_and_heredocs() -> None:
    stages = parse(TEXT)
    assert [(stage.image, stage.name) for stage in stages] == [
        ("python:$VERSION", "build"),
        ("debian", "runtime"),
        ("build", ""),
    ]
    assert [(step.word, step.line, step.end_line) for step in stages[0].steps] == [("ARG", 2, 2), ("RUN", 4, 8)]
    assert stages[0].steps[1].rest.split() == ["pip", "install", "torch", "numpy"]
    last = stages[2].steps
    assert [(step.word, step.line, step.end_line) for step in last[1:]] == [
        ("COPY", 12, 12),
        ("RUN", 13, 16),
        ("RUN", 17, 17),
    ]
    assert last[2].heredocs == ('echo "not # a comment"\nFROM nothing',)


def test_an_image_has_the_steps_of_what_its_stage_is_built_on() -> None:
    stages = parse(TEXT)
    lines = [step.line for place in final_stages(stages) for step in stages[place].own_steps]
    assert lines == [4, 12, 13, 17]
    chain = parse("FROM a AS one\nFROM one AS two\nFROM b AS three\nFROM two\n")
    assert [final_stages(chain, target) for target in ("", "TWO", "2", "four")] == [(0, 1, 3), (0, 1), (2,), ()]


def test_escape_directive_and_chomped_heredoc() -> None:
    stages = parse("# escape=`\nFROM x\nRUN a `\n b\\\nRUN <<-'E' cat\n\tx\n\tE\nUSER me\n")
    assert [(step.word, step.line) for step in stages[0].steps] == [("RUN", 3), ("RUN", 5), ("USER", 8)]
    assert stages[0].steps[1].heredocs == ("x",)


def test_windows_line_ends_and_a_mark_of_byte_order() -> None:
    stages = parse("\ufeffFROM x\r\nRUN a \\\r\n  b\r\nUSER c\r\n")
    assert [(step.word, step.line) for step in stages[0].steps] == [("RUN", 2), ("USER", 4)]


def test_a_hostile_file_is_read_in_part() -> None:
    stages = parse("ARG\n" * 3000 + "FROM\n" * 3000)
    assert len(stages) == 2000
    assert len(stages[-1].steps) == 3000
    assert all(stage.before is stages[0].before for stage in stages), "each stage holds its own copy"


@given(
    st.lists(st.sampled_from(["FROM x", "RUN a \\", "# c", "", "RUN <<E", "E", "COPY a b", "\\", "\x00\x1b", "FROM"]))
)
def test_no_text_is_an_error(lines: list[str]) -> None:
    for stage in parse("\n".join(lines)):
        for step in stage.steps:
            assert 1 <= step.line <= step.end_line <= max(1, len(lines))
