"""A real engine for the live tests, things to make in it, and a broom that leaves nothing behind.

Without an engine the tests here are skipped and the summary says why; in CI each such skip is a failure.
"""

import io
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.models.images import Image

from tests.live.engines import (
    Engine,
    EngineMissingError,
    PrivateEngine,
    connect,
    find_engine,
    remove_dead_folders,
    run_script,
)
from tests.live.labels import LABEL, is_dead, is_mine, labelled, run_id, sweep
from workbench.sources.live import LiveWorld

HERE = Path(__file__).parent
LONGEST_TEST_SECONDS = 900
"""The first test also waits for an engine to be installed and a base image to be made."""
NO_MODERN_ENGINE = "no modern engine can be had: "
NO_OTHER_PYTHON = "no image of another Python can be had: "
"""How the only skips begin that are none of CI's business: Debian's newest packages may be out of reach."""

engine_notes = pytest.StashKey[str]()


class ContainerFactory(Protocol):
    """Starts a labelled container, which is removed after the test."""

    def __call__(self, image: str, command: list[str] | None = None, **create: Any) -> Container: ...


class ImageFactory(Protocol):
    """Builds a labelled image from a context folder or a Dockerfile's text; it is removed after the test."""

    def __call__(
        self,
        source: Path | str,
        *,
        buildargs: Mapping[str, str] | None = None,
        tag: str | None = None,
        **build: Any,
    ) -> Image: ...


def in_ci() -> bool:
    """Whether a missing engine is a failure here."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def give_up(reason: str) -> NoReturn:
    """Skip the test, or fail it in CI."""
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


# -- the engines ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The machine's engine, swept of what killed test runs left, and at the end of this run's things."""
    reason = ""
    try:
        found = find_engine()
    except EngineMissingError as error:
        reason = str(error)
    if reason:
        give_up(reason)
    request.config.stash[engine_notes] = found.notes
    remove_dead_folders()
    sweep(found.client, is_dead)
    yield found
    sweep(found.client, is_mine)
    left = labelled(found.client, run_id())
    found.client.close()
    assert not left, f"this test run left in the engine: {', '.join(left)}"


@pytest.fixture
def world(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorld]:
    """The workbench's own view of that engine."""
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    world = LiveWorld("")
    yield world
    world.close()


@pytest.fixture(scope="session")
def base_image(engine: Engine) -> str:
    """The name of an image with Debian bookworm, Python 3.11 as `python` and `python3`, pip and venv."""
    try:
        return run_script("base_image.sh", environ=engine.environ)[0]
    except EngineMissingError as error:
        pytest.fail(f"no base image: {error}", pytrace=False)


@pytest.fixture(scope="session")
def sid_image(engine: Engine) -> str:
    """The name of an image with Debian sid, Python 3.14 as `python3`, and `python3.15`."""
    return _image_of_another_python("sid", engine)


@pytest.fixture(scope="session")
def musl_image(engine: Engine) -> str:
    """The name of an image with CPython 3.11 on musl as `python3` and no other program: no shell, no /bin."""
    return _image_of_another_python("musl", engine)


def _image_of_another_python(kind: str, engine: Engine) -> str:
    try:
        return run_script("base_image.sh", kind, environ=engine.environ)[0]
    except EngineMissingError as error:
        if str(error).startswith(("apt-get ", "debootstrap failed")):
            pytest.skip(NO_OTHER_PYTHON + str(error))
        pytest.fail(NO_OTHER_PYTHON + str(error), pytrace=False)


@pytest.fixture
def late_engine(engine: Engine) -> Iterator[PrivateEngine]:
    """A second engine of the same version, not started yet; it may stop and start again at one address."""
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if os.geteuid() != 0 or not shutil.which("dockerd", path=search):
        give_up("a second engine needs root and a dockerd on this machine")
    with PrivateEngine() as late:
        yield late


@pytest.fixture(scope="session")
def modern_engine(engine: Engine) -> Iterator[Engine]:
    """A second engine that speaks API 1.5x; its environ has a docker client with buildx on PATH.

    It has no network beyond its own, and no images: see `modern_base_image`. The process ids it reports
    are those of its own namespace.
    """
    yield from _modern_engine("{}")


@pytest.fixture(scope="session")
def containerd_engine(engine: Engine) -> Iterator[Engine]:
    """A modern engine that keeps images in containerd's store, so that its builds can have attestations."""
    yield from _modern_engine('{"features": {"containerd-snapshotter": true}}')


def _modern_engine(settings: str) -> Iterator[Engine]:
    if os.geteuid() != 0:
        pytest.skip(NO_MODERN_ENGINE + "it needs root")
    try:
        programs = Path(run_script("modern_engine.sh", "--fetch")[0])
        with PrivateEngine("modern_engine.sh", settings) as modern:
            modern.start()
            config = modern.folder / "client"
            config.mkdir()
            plugins = programs / "usr/libexec/docker/cli-plugins"
            (config / "config.json").write_text(f'{{"cliPluginsExtraDirs": ["{plugins}"]}}')
            path = f"{programs / 'usr/bin'}:{os.environ.get('PATH', '')}"
            connected = connect(modern.host, DOCKER_CONFIG=str(config), PATH=path)
            yield connected
            connected.client.close()
    except EngineMissingError as error:
        pytest.skip(NO_MODERN_ENGINE + str(error))


@pytest.fixture(scope="session")
def modern_base_image(engine: Engine, base_image: str, modern_engine: Engine) -> str:
    """The base image, of the same name, in the modern engine."""
    return _copy_image(base_image, engine, modern_engine)


@pytest.fixture(scope="session")
def containerd_base_image(engine: Engine, base_image: str, containerd_engine: Engine) -> str:
    """The base image, of the same name, in the engine with containerd's store."""
    return _copy_image(base_image, engine, containerd_engine)


def _copy_image(name: str, source: Engine, target: Engine) -> str:
    with tempfile.TemporaryFile() as archive:
        archive.writelines(source.client.images.get(name).save(named=True))
        archive.seek(0)
        target.client.images.load(archive)
    return name


@pytest.fixture(scope="session")
def wheel_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of wheels for all tests of this run; the first one fills it through pip."""
    return tmp_path_factory.mktemp("cache")


# -- what tests make in them ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def labels() -> dict[str, str]:
    """The labels for anything that a test makes without a factory: it is swept away at the end."""
    return {LABEL: run_id()}


@pytest.fixture
def container_factory(engine: Engine, labels: dict[str, str]) -> Iterator[ContainerFactory]:
    """Start containers in the machine's engine."""
    made: list[Container] = []

    def start(image: str, command: list[str] | None = None, **create: Any) -> Container:
        create["labels"] = {**create.get("labels", {}), **labels}
        container = engine.client.containers.create(image, command, **create)
        made.append(container)
        container.start()
        container.reload()
        return container

    yield start
    for container in reversed(made):
        remove_container(container)


@pytest.fixture
def image_factory(engine: Engine, labels: dict[str, str]) -> Iterator[ImageFactory]:
    """Build images in the machine's engine, with its classic builder."""
    made: list[str] = []

    def build(
        source: Path | str,
        *,
        buildargs: Mapping[str, str] | None = None,
        tag: str | None = None,
        **build: Any,
    ) -> Image:
        context = {"path": str(source)} if isinstance(source, Path) else {"fileobj": io.BytesIO(source.encode())}
        lines = engine.client.api.build(
            **context,
            tag=tag,
            buildargs=dict(buildargs or {}),
            labels={**build.pop("labels", {}), **labels},
            decode=True,
            rm=True,
            forcerm=True,
            **build,
        )
        identity = follow_build(lines, made)
        return engine.client.images.get(identity)

    yield build
    for identity in reversed(made):
        remove_image(engine.client, identity)


def follow_build(lines: Any, made: list[str]) -> str:
    """Read a classic build to its end, note every image that it made, and return the last one's id."""
    identity = ""
    said = []
    for line in lines:
        said.append(line.get("error") or line.get("stream") or "")
        step = re.match(r" ---> ([0-9a-f]{12})\n", said[-1])
        identity = line.get("aux", {}).get("ID", step[1] if step else identity)
        if identity and identity not in made:
            made.append(identity)
        if "error" in line:
            raise AssertionError("the build failed:\n" + "".join(said))
    return identity


def remove_image(client: docker.DockerClient, identity: str) -> None:
    """Remove an image that a build made; not one that a step only started from."""
    try:
        image = client.images.get(identity)
        ours = image.labels.get(LABEL) == run_id()
        if ours or not image.tags:
            client.images.remove(identity, force=ours)
    except ImageNotFound:
        pass
    except APIError as error:
        # Other images stand on it: it was in the cache before this build.
        if error.status_code != 409:
            raise


def remove_container(container: Container) -> None:
    """Remove a container, whatever it is doing, unless it has removed itself."""
    try:
        container.remove(v=True, force=True)
    except NotFound:
        pass
    except APIError as error:
        # An auto-removed container is on its way out.
        if error.status_code != 409:
            raise


# -- what is told -----------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("live")
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(LONGEST_TEST_SECONDS))


def pytest_report_header() -> list[str]:
    """Say how this run's things are told from others'."""
    return [f"live tests: label {LABEL}={run_id()}"]


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI, turn a skip into a failure, unless Debian is out of reach or it was expected to fail."""
    if not (in_ci() and report.outcome == "skipped") or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith((NO_MODERN_ENGINE, NO_OTHER_PYTHON)):
        report.outcome = "failed"
        report.longrepr = f"skipped where CI=true, so failed: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Refuse the skips of tests."""
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse the skips of whole modules."""
    report = yield
    if collector.path.is_relative_to(HERE):
        refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in words which live tests did not run and why, and what was started for them."""
    counted: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if report.fspath and (config.rootpath / report.fspath).is_relative_to(HERE):
            reason = cast("tuple[str, int, str]", report.longrepr)[2].removeprefix("Skipped: ")
            counted[reason] = counted.get(reason, 0) + 1
    for reason, count in counted.items():
        terminalreporter.write_line(f"{count} live test{'s' * (count > 1)} did not run: {reason}", yellow=True)
    for line in config.stash.get(engine_notes, "").splitlines():
        terminalreporter.write_line(f"live tests: {line}")
