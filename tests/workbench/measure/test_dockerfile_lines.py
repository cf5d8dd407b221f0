from tests.workbench.measure.image_building import detail
from workbench.measure.dockerfile_lines import dockerfile_lines
from workbench.measure.layers import instruction

DOCKERFILE = """\
ARG TAG=1
FROM base:$TAG
ARG HOME_DIR=/srv
ENV APP_HOME=${HOME_DIR}/app
WORKDIR $APP_HOME
RUN apt-get update && \\
    apt-get install -y curl

COPY --chown=1:1 requirements.txt ./
RUN pip install -r requirements.txt
RUN true
COPY . .
RUN true
CMD ["python", "app.py"]
"""


def lines(*history: str) -> list[tuple[str, int | None]]:
    about = detail(*history)
    made = [step.instruction for step in about.layers if step.index is not None]
    return list(zip(made, dockerfile_lines(DOCKERFILE, about.layers, len(made)), strict=True))


def test_buildkit_history() -> None:
    told = lines(
        "ADD rootfs.tar / ",
        '-CMD ["bash"]',
        "-ENV APP_HOME=/srv/app",
        instruction("WORKDIR /srv/app # buildkit"),
        instruction("RUN /bin/sh -c apt-get update &&     apt-get install -y curl # buildkit"),
        instruction("COPY requirements.txt ./ # buildkit"),
        instruction("RUN |1 HOME_DIR=/srv /bin/sh -c pip install -r requirements.txt # buildkit"),
        "RUN true",
        "COPY . .",
        "RUN true",
        '-CMD ["python" "app.py"]',
    )
    assert [line for _, line in told] == [None, 5, 6, 9, 10, 11, 12, 13]


def test_classic_history_tells_only_where_a_copy_went() -> None:
    digest = "a" * 64
    told = lines(
        instruction(f"/bin/sh -c #(nop) ADD file:{digest} in / "),
        instruction("/bin/sh -c #(nop) WORKDIR /srv/app"),
        instruction("/bin/sh -c apt-get update &&     apt-get install -y curl"),
        instruction(f"/bin/sh -c #(nop) COPY --chown=1:1file:{digest} in ./ "),
        instruction("/bin/sh -c pip install -r requirements.txt"),
        instruction("/bin/sh -c true"),
        instruction(f"/bin/sh -c #(nop) COPY dir:{digest} in /srv/app "),
        instruction("/bin/sh -c true"),
    )
    assert [line for _, line in told] == [None, 5, 6, 9, 10, 11, 12, 13]


def test_what_repeats_is_told_by_its_order_the_latest_first() -> None:
    assert [line for _, line in lines("RUN true", "RUN pip install -r requirements.txt", "RUN true")] == [None, 10, 13]


def test_what_is_not_there_has_no_line() -> None:
    assert lines("RUN something else") == [("RUN something else", None)]
    assert dockerfile_lines("", detail("RUN x").layers, 1) == (None,)
    assert dockerfile_lines(DOCKERFILE, (), 2) == (None, None)


def test_heredoc() -> None:
    about = detail("RUN echo one\necho two", "RUN <<EOF cat > /x")
    text = "FROM x\nRUN <<EOF\necho one\necho two\nEOF\nRUN <<EOF cat > /x\nhello\nEOF\n"
    assert dockerfile_lines(text, about.layers, 2) == (2, 6)


def test_secrets_are_masked_on_both_sides() -> None:
    token = "ghp_" + "a1" * 20
    about = detail(instruction(f"RUN /bin/sh -c curl -H 'Authorization: {token}' x # buildkit"))
    assert token not in about.layers[0].instruction
    assert dockerfile_lines(f"FROM x\nRUN curl -H 'Authorization: {token}' x\n", about.layers, 1) == (2,)


def test_the_json_form_as_builders_write_it() -> None:
    text = 'FROM x\nRUN ["sh", "-c", "echo z"]\nRUN ["sh", "-c", "echo y"]\nRUN ["sh", "-c", "echo x"]\n'
    about = detail(
        instruction("|2 A=b c B=d sh -c echo z"),
        instruction("sh -c echo y"),
        instruction("RUN |1 A=b sh -c echo x # buildkit"),
    )
    assert dockerfile_lines(text, about.layers, 3) == (2, 3, 4)
