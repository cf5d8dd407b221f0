"""Which installations go above which copies, and which never do. That the images are equal a live test shows."""

import pytest

from tests.workbench.measure.rebuild.worlds import FILES, entries
from workbench.measure.rebuild.movable import is_apart, is_plain_list
from workbench.measure.rebuild.reorder import Reordered, reorder


def reordered(text: str, files: dict[str, str] = FILES) -> Reordered:
    return reorder(text, entries(files), files.get)


def test_an_installation_goes_above_the_sources() -> None:
    text = (
        "FROM a:1\nWORKDIR /app\n# all\nCOPY --chown=1:1 . .\n"
        "# needs\n# more\nRUN pip install -r requirements.txt\nCMD x\n"
    )
    found = reordered(text)
    assert found.text == (
        "FROM a:1\nWORKDIR /app\nCOPY --chown=1:1 requirements.txt /app/requirements.txt\n# needs\n# more\n"
        "RUN pip install -r requirements.txt\n# all\nCOPY --chown=1:1 . .\nCMD x\n"
    )
    assert found.moves == 1
    assert "--- Dockerfile" in found.diff(text, "Dockerfile")
    assert reordered(found.text).moves == 0, "it stands where it should"


def test_several_keep_their_order() -> None:
    text = (
        "FROM a:1\nCOPY . /app\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n"
        "RUN pip install \\\n  'a>=2'\nRUN make\nRUN pip install b\n"
    )
    assert reordered(text).text == (
        "FROM a:1\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n"
        "RUN pip install \\\n  'a>=2'\nCOPY . /app\nRUN make\nRUN pip install b\n"
    )


def test_the_list_that_is_copied_alone_stays_above() -> None:
    text = (
        "FROM a:1\nCOPY src /app/src\nCOPY requirements.txt /tmp2/\n"
        "COPY app.py /app/\nRUN pip install -r /tmp2/requirements.txt\n"
    )
    assert reordered(text).text.splitlines()[3:] == [
        "RUN pip install -r /tmp2/requirements.txt",
        "COPY app.py /app/",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a:1\nCOPY . /app\nRUN make\n",
        "FROM a:1\nCOPY . /app\nRUN pip install -r /app/requirements.txt && make\n",
        "FROM a:1\nCOPY . /\nRUN pip install x\n",
        "FROM a:1\nCOPY . /usr/local/app\nRUN pip install x\n",
        "FROM a:1\nCOPY . .\nRUN pip install x\n",
        "FROM a:1\nWORKDIR app\nCOPY . .\nRUN pip install x\n",
        "FROM a:1\nCOPY . /app\nRUN pip install /app\n",
        "FROM a:1\nCOPY . /app\nRUN pip install -e .\n",
        "FROM a:1\nCOPY . /app\nRUN pip install ./wheels/x.whl\n",
        "FROM a:1\nCOPY . /app\nRUN pip install $(cat /app/list)\n",
        "FROM a:1\nCOPY . /app\nRUN pip install $PACKAGES\n",
        "FROM a:1\nCOPY . /app\nRUN pip install < /app/x\n",
        "FROM a:1\nCOPY . /app\nRUN python -m pip install x\n",
        "FROM a:1\nCOPY . /app\nRUN --mount=type=bind,target=/x pip install x\n",
        "FROM a:1\nCOPY . /app\nRUN pip install -r /app/missing.txt\n",
        "FROM a:1\nCOPY . /app\nENV A=b\nRUN pip install x\n",
        "FROM a:1\nCOPY . /app\nUSER app\nRUN pip install x\n",
        "FROM a:1\nUSER app\nCOPY . /app\nRUN pip install x\n",
        "FROM a:1\nENV PATH=/app/bin:$PATH\nCOPY . /app\nRUN pip install x\n",
        "FROM a:1 AS b\nENV VIRTUAL_ENV=/app/venv\nFROM b\nCOPY . /app\nRUN pip install x\n",
        "FROM a:1\nCOPY . /app\nRUN apt-get install -y /app/x.deb\n",
        "FROM a:1\nCOPY . /app\nRUN rm -rf /app/x\n",
        'FROM a:1\nCOPY . /app\nRUN ["pip", "install", "x"]\n',
        "FROM a:1\nCOPY . /app\nRUN <<E\npip install x\nE\n",
        "FROM a:1\nCOPY --from=x / /app\nRUN pip install -r /app/requirements.txt\n",
        "FROM a:1\nCOPY requirements.txt /app/\nRUN pip install -r /app/requirements.txt\n",
        "FROM a:1\nCOPY . $DIR\nRUN pip install x\n",
        "FROM a:1\nCOPY . /app\nRUN pip install x > /app/log\n",
    ],
)
def test_what_is_not_sure_is_not_moved(text: str) -> None:
    found = reordered(text)
    assert found.moves == 0
    assert found.text == text


@pytest.mark.parametrize(
    "line", ["-r other.txt", "-e .", "./x", "x @ file:///y", "x==${V}", "/abs/x.whl", "-c c.txt", "../x"]
)
def test_a_list_that_names_files_is_none(line: str) -> None:
    assert not is_plain_list(f"flask==1\n{line}\n")


def test_plain_lists() -> None:
    assert is_plain_list(
        "# packages\nflask[async]==1.0 ; python_version < '4'  # why\n--index-url https://x.org/simple\nnumpy>=1,<2\n"
        "x==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nuvicorn\ny @ https://x.org/y.whl\n"
    )
    assert not is_plain_list(None)
    assert is_plain_list("a @ https://x.org/a.whl ; python_version < '3'\nb @ https://x.org/b.whl; os_name == 'nt'\n")
    assert not is_plain_list("a @ https://x" + ";" * 2**19 + " /")


def test_folders_that_no_installation_knows() -> None:
    assert [is_apart(path) for path in ("/app", "/srv/x", "/usr/src/app", "/opt/x", "/home/u")] == [True] * 5
    known = ("/", "/usr", "/usr/local/x", "/etc/x", "/root", "app", "/app/../etc")
    assert not [path for path in known if is_apart(path)]
