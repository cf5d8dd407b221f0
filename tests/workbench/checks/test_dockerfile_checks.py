"""The checks of Dockerfiles: what each finds and at which lines, what it leaves alone, and what all of them have."""

import inspect
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.checks import dockerfile as modules
from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.checks.dockerfiles import load, look_at_dockerfile, names
from workbench.model.build import Builder
from workbench.model.build_analysis import StepFigures
from workbench.model.build_context import BuildContext, UnneededPart
from workbench.model.dockerfile_findings import DockerfileFinding

NO_CONTEXT = BuildContext(0, 0, 0, 0, "", (), ())


def found(name: str, text: str, builder: Builder = "buildx", seconds: float | None = None) -> list[DockerfileFinding]:
    figures = {
        line: StepFigures(line, seconds, None, 1000) for line in range(1, text.count("\n") + 2) if seconds is not None
    }
    return list(load(name).look(DockerfileSituation(text, NO_CONTEXT, builder, figures=figures)))


BAD: list[tuple[str, list[int], str]] = [
    ("copy_before_install", [2], "FROM a:1\nCOPY . /app\nRUN pip install -r requirements.txt\n"),
    ("copy_before_install", [3], "FROM a:1\nWORKDIR /app\nADD ./ .\nRUN apt-get update && apt-get install -y x\n"),
    ("copy_before_install", [2], "FROM a:1\nCOPY --chown=1:1 . .\nRUN npm ci\nRUN make\n"),
    ("apt_update_alone", [2], "FROM a:1\nRUN apt-get update\nRUN apt-get install -y x\n"),
    ("apt_without_update", [3], "FROM a:1\nRUN apt-get update\nRUN apt-get install -y x\n"),
    ("apt_lists_kept", [2], "FROM a:1\nRUN apt-get update && apt-get install -y x\n"),
    ("apt_recommends", [2], "FROM a:1\nRUN apt-get update && apt-get install -y x\n"),
    ("apt_asks", [2], "FROM a:1\nRUN apt-get update && apt-get install x\n"),
    ("apt_upgrade", [2], "FROM a:1\nRUN apt-get update && apt-get -y dist-upgrade\n"),
    ("pip_cache_kept", [3], "FROM a:1\nENV A=1\nRUN python3 -m pip install -r r.txt\n"),
    ("pip_unpinned", [2], "FROM a:1\nRUN pip install flask==1 requests\n"),
    ("base_tag", [1, 3], "FROM python\nRUN x\nFROM reg:5000/a/b:latest AS b\nCOPY --from=0 /x /x\n"),
    ("add_for_copy", [2, 3], "FROM a:1\nADD src /src\nADD https://x.org/y.tar.gz /\n"),
    ("secret_arguments", [2, 3], "FROM a:1\nARG NPM_TOKEN\nENV DB_PASSWORD=hunter2\n"),
    ("secret_files", [2], "FROM a:1\nCOPY app/.env id_rsa.pub /\n"),
    ("secret_files", [2, 3, 4], "FROM a:1\nCOPY .env.production /\nCOPY kubeconfig id_dsa.pub /\nADD ./.ssh/ /x\n"),
    ("root_user", [1], 'FROM a:1\nCMD ["x"]\n'),
    ("root_user", [3], 'FROM a:1\nUSER app\nUSER root\nCMD ["x"]\n'),
    ("shell_form", [2], "FROM a:1\nCMD python app.py\n"),
    ("several_commands", [2], 'FROM a:1\nCMD ["a"]\nCMD ["b"]\n'),
    ("build_tools", [2], "FROM a:1\nRUN apt-get update && apt-get install -y gcc libpq-dev curl\n"),
    ("lost_in_shell", [2, 3], "FROM a:1\nRUN cd /app\nRUN export A=1\nRUN make\n"),
    ("chown_again", [3], "FROM a:1\nCOPY . /app\nRUN useradd u && chown -R u:u /app\n"),
    ("repeated_step", [5], "FROM a:1 AS x\nRUN pip install np\nFROM b:1\nCOPY --from=x /x /x\nRUN pip  install np\n"),
    ("repeated_step", [3], "FROM a:1\nCOPY a /a\nCOPY a /a\n"),
    ("unused_stage", [1], "FROM a:1 AS lost\nRUN make\nFROM b:1\nRUN true\n"),
    ("relative_folder", [2], "FROM a:1\nWORKDIR app\nWORKDIR sub\n"),
    ("early_argument", [2], "FROM a:1\nARG GIT_COMMIT\nRUN make\nRUN echo $GIT_COMMIT\n"),
    ("removed_later", [3], "FROM a:1\nRUN make\nRUN rm -rf /tmp/x && apt-get clean\n"),
    ("pipe_errors", [2], "FROM a:1\nRUN curl -sL https://x.org/y | tar x\n"),
    ("syntax_line", [1], "# syntax=docker/dockerfile:1\nFROM a:1\n"),
    ("sudo", [2], "FROM a:1\nRUN make && sudo make install\n"),
]
GOOD: list[tuple[str, str]] = [
    ("copy_before_install", "FROM a:1\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"),
    ("copy_before_install", "FROM a:1\nCOPY . .\nRUN pip install .\n"),
    ("copy_before_install", "FROM a:1\nCOPY --from=b:1 . .\nRUN npm ci\n"),
    ("apt_update_alone", "FROM a:1\nRUN apt-get update && apt-get install -y x\n"),
    ("apt_without_update", "FROM a:1\nCOPY x.deb /\nRUN apt-get install -y /x.deb\n"),
    ("apt_lists_kept", "FROM a:1\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n"),
    ("apt_lists_kept", "FROM a:1 AS b\nRUN apt-get update\nFROM c:1\nCOPY --from=b /x /x\n"),
    ("apt_recommends", "FROM a:1\nRUN apt-get install -y --no-install-recommends x\n"),
    ("apt_asks", "FROM a:1\nRUN apt-get install -qqy x && apt-get -y install z\n"),
    ("pip_cache_kept", "FROM a:1\nRUN --mount=type=cache,target=/root/.cache pip install x\n"),
    ("pip_cache_kept", "FROM a:1\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n"),
    ("pip_unpinned", "FROM a:1\nRUN pip install 'a==1' -c c.txt && pip install -r r.txt && pip install $X ./y\n"),
    ("base_tag", "ARG B=x\nFROM $B\nFROM scratch\nFROM a@sha256:0 AS z\nFROM z\n"),
    ("add_for_copy", "FROM a:1\nADD rootfs.tar.xz /\nADD --checksum=sha256:0 https://x.org/y /\n"),
    ("secret_arguments", "FROM a:1\nENV TOKEN_FILE=/run/secrets/t\nARG VERSION\nENV SECRET_PATH=/run/x\n"),
    ("root_user", 'FROM a:1\nUSER 1000:1000\nCMD ["x"]\n'),
    ("root_user", "FROM a:1\nRUN true\n"),
    ("shell_form", 'FROM a:1\nCMD ["x"]\nENTRYPOINT exec x\n'),
    ("several_commands", 'FROM a:1\nCMD ["a"]\nFROM b:1\nCMD ["b"]\n'),
    ("build_tools", "FROM a:1 AS b\nRUN apt-get install -y gcc\nFROM c:1\nCOPY --from=b /x /x\n"),
    ("build_tools", "FROM a:1\nRUN apt-get install -y gcc && make && apt-get purge -y gcc\n"),
    ("lost_in_shell", "FROM a:1\nRUN cd /tmp && make\nRUN set -e; make\n"),
    ("chown_again", "FROM a:1\nRUN chown -R u /srv\nCOPY --chown=u . /app\n"),
    ("repeated_step", "FROM a:1\nRUN true\nFROM b:1\nRUN true\n"),
    ("unused_stage", "FROM a:1 AS x\nFROM b:1\nRUN --mount=from=x,target=/x make\n"),
    ("relative_folder", "FROM a:1\nWORKDIR /app\nWORKDIR sub\n"),
    ("early_argument", "FROM a:1\nARG GIT_COMMIT\nRUN echo $GIT_COMMIT\nRUN make\n"),
    ("removed_later", "FROM a:1\nRUN make && rm -rf /tmp/x\n"),
    ("pipe_errors", 'FROM a:1\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl x | tar x\nRUN echo a | cat\n'),
    ("syntax_line", "FROM a:1\n# syntax=docker/dockerfile:1\n"),
    ("sudo", "FROM a:1\nRUN apt-get install -y sudo\n"),
]


@pytest.mark.parametrize(("name", "lines", "text"), BAD)
def test_what_is_found_and_where(name: str, lines: list[int], text: str) -> None:
    assert [finding.line for finding in found(name, text)] == lines


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_what_is_left_alone(name: str, text: str) -> None:
    assert found(name, text) == []


def test_each_check_has_both() -> None:
    special = {"cache_mounts", "ignore_file", "dockerfile_copied"}
    assert {name for name, _, _ in BAD} | special == set(names())
    assert len(names()) == len(list(pkgutil.iter_modules(modules.__path__)))


@pytest.mark.parametrize("name", names())
def test_a_check_tells_its_name_and_its_help(name: str) -> None:
    check = load(name)
    assert check.name == name
    assert check.title
    assert len(inspect.getdoc(type(check)) or "") > 50


@pytest.mark.parametrize(("name", "lines", "text"), BAD)
def test_one_sentence_of_what_and_one_of_what_to_do(name: str, lines: list[int], text: str) -> None:
    for finding in found(name, text, seconds=3.0):
        assert finding.check == name
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.fix
        assert not finding.fix.endswith(".")
        assert "hunter2" not in repr(finding)


def test_measured_seconds_decide_what_a_copy_too_early_costs() -> None:
    text = "FROM a:1\nCOPY . /app\nRUN pip install -r requirements.txt\n"
    slow, quick = found("copy_before_install", text, seconds=75)[0], found("copy_before_install", text, seconds=0.5)[0]
    assert (slow.severity, slow.seconds, quick.severity) == ("high", 75, "low")
    assert "1 min 15 s" in slow.message


def test_a_cache_mount_is_asked_for_only_where_a_step_is_slow() -> None:
    text = "FROM a:1\nRUN pip install -r r.txt\nRUN --mount=type=cache,target=/root/.cache/pip pip install x\n"
    assert found("cache_mounts", text) == []
    assert found("cache_mounts", text, seconds=2) == []
    assert found("cache_mounts", text, "classic", seconds=60) == [], "which has no mounts"
    slow = found("cache_mounts", text, seconds=60)
    assert [(finding.line, finding.seconds) for finding in slow] == [(2, 60)]
    assert "target=/root/.cache/pip" in slow[0].fix


def test_secrets_are_masked() -> None:
    told = look_at_dockerfile(DockerfileSituation("FROM a:1\nADD https://me:hunter2hunter2@x.org/y /y\n", NO_CONTEXT))
    assert "add_for_copy" in {each.check for each in told}
    assert "hunter2" not in repr(told)


def test_a_dockerfile_that_is_copied_along() -> None:
    check, text = load("dockerfile_copied"), "FROM a:1\nCOPY x /x\nCOPY . /app\nCOPY . /b\n"
    paths = frozenset(("Dockerfile", "x"))
    assert [each.line for each in check.look(DockerfileSituation(text, NO_CONTEXT, context_paths=paths))] == [3]
    assert list(check.look(DockerfileSituation(text, NO_CONTEXT, context_paths=frozenset("x")))) == []


def test_what_the_ignore_file_should_leave_out() -> None:
    part = UnneededPart(".git", 1, 150_000_000, 99, "git's own data", "**/.git")
    context = BuildContext(2 * 10**8, 100, 2 * 10**8, 100, "", (), (part,))
    told = list(load("ignore_file").look(DockerfileSituation("FROM a:1\nRUN x\nCOPY . .\n", context)))
    assert [(finding.line, finding.severity, finding.bytes) for finding in told] == [(3, "high", 150_000_000)]
    assert told[0].fix == "make a .dockerignore:\n**/.git"


def test_an_unused_stage_costs_only_with_the_classic_builder() -> None:
    text = "FROM a:1 AS lost\nRUN make\nFROM b:1\n"
    assert [finding.severity for finding in found("unused_stage", text)] == ["info"]
    classic = found("unused_stage", text, "classic", seconds=4)[0]
    assert (classic.severity, classic.seconds) == ("medium", 4)


def test_a_check_that_crashes_is_a_finding_and_the_worst_comes_first() -> None:
    class Broken:
        name, title = "broken", "broken"

        def look(self, situation: DockerfileSituation) -> list[DockerfileFinding]:
            raise ZeroDivisionError(situation)

    situation = DockerfileSituation('FROM a\nCMD ["x"]\nCMD ["y"]\n', NO_CONTEXT)
    told = look_at_dockerfile(situation, [load("several_commands"), Broken(), load("root_user")])
    assert [finding.check for finding in told] == ["root_user", "several_commands", "broken"]


@pytest.mark.parametrize(
    ("name", "hostile"), [("pipe_errors", "curl " * 200_000), ("sudo", "cat <<E" + "\n" * 1_000_000 + "E")]
)
def test_a_long_text_is_looked_at_once(name: str, hostile: str) -> None:
    assert found(name, f"FROM a:1\nRUN {hostile}\n") == []


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("pipe_errors", "curl x; wget y | sh", 1),
        ("pipe_errors", "curl x wget y | sh", 1),
        ("pipe_errors", "curl x || sh", 0),
        ("pipe_errors", "curl x && cat y | sh", 0),
        ("sudo", "<<E\nmake\n\n \t sudo make\nE", 1),
        ("sudo", "(  sudo make)", 1),
        ("sudo", "make -C sudo all", 0),
    ],
)
def test_where_commands_begin_and_end(name: str, text: str, lines: int) -> None:
    assert len(found(name, f"FROM a:1\nRUN {text}\n")) == lines


PIECES = ["FROM a", "FROM b AS c", "RUN apt-get install", "RUN pip install -r", "COPY . .", "COPY", "ADD", "RUN <<E"]
PIECES += ["E", "ARG", "ENV TOKEN", "CMD", "USER", "WORKDIR", "RUN cd", "RUN \\", "\x1b[31m", "COPY --from=9 a b"]
PIECES += ["RUN ["]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20)))
def test_no_text_makes_a_check_fail(lines: list[str]) -> None:
    for finding in look_at_dockerfile(DockerfileSituation("\n".join(lines), NO_CONTEXT)):
        assert "itself failed" not in finding.message, finding
        assert "\x1b" not in finding.message + finding.fix
