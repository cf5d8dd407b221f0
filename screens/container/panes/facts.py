"""How the container was started: limits, command, ports, mounts, environment."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.looks import MUTED
from workbench.measure.text import printable
from workbench.measure.units import quantity
from workbench.model.containers import ContainerDetail
from workbench.model.reading import Fresh, Missing, Reading


class FactsPane(Pane):
    """What inspect knows, secrets masked."""

    ORDER: ClassVar[int] = 40

    def compose(self) -> ComposeResult:
        """A title and a page of facts that scrolls."""
        yield Rule(id="title")
        with VerticalScroll(id="setup"):
            yield Static(id="facts")

    def on_mount(self) -> None:
        """Follow the configuration."""
        self.query_one("#title", Rule).title("Configuration", Part("secrets masked", "dim"))
        self.watch(self.screen, "detail", self._show)

    def _show(self, detail: Reading[ContainerDetail] | None) -> None:
        page = self.query_one("#facts", Static)
        match detail:
            case None:
                page.update(Content.styled("reading the configuration", MUTED))
            case Missing(reason, hint):
                page.update(Content.assemble((printable(reason), "$text-error"), ("  " + printable(hint), MUTED)))
            case Fresh(value):
                page.update(Content("\n").join(facts(value)))


def facts(detail: ContainerDetail) -> Iterable[Content]:
    """One line per fact; those that are not so are left out."""
    yield _fact("id", detail.id[:12])
    yield _fact("image", f"{detail.image}  {detail.image_id.removeprefix('sha256:')[:12]}")
    yield _fact("command", " ".join(detail.command) or "none")
    yield _fact("user", detail.user or "root")
    if detail.working_dir:
        yield _fact("workdir", detail.working_dir)
    yield _fact("created", _moment(detail.created))
    if detail.started:
        yield _fact("started", _moment(detail.started))
    if detail.exit_code is not None and detail.finished:
        killed = ", killed: out of memory" if detail.out_of_memory_killed else ""
        yield _fact("finished", f"{_moment(detail.finished)} with exit code {detail.exit_code}{killed}")
    if detail.health:
        yield _fact("health", detail.health)
    if detail.pid:
        yield _fact("pid", f"{detail.pid} on the host")
    yield _fact("restarts", f"{detail.restart_count}, policy {detail.restart_policy or 'no'}")
    limits = [
        f"cpu {detail.cpu_limit_cores:g} cores" if detail.cpu_limit_cores else "no cpu limit",
        f"memory {quantity(detail.memory_limit_bytes, 'B')}" if detail.memory_limit_bytes else "no memory limit",
        f"{detail.pids_limit} pids" if detail.pids_limit else "no pids limit",
    ]
    if detail.cpuset:
        limits.append(f"cores {detail.cpuset}")
    if detail.shm_size_bytes:
        limits.append(f"shm {quantity(detail.shm_size_bytes, 'B')}")
    yield _fact("limits", " · ".join(limits))
    if detail.gpus:
        yield _fact("gpus", ", ".join(detail.gpus))
    if detail.log_driver:
        yield _fact("logs", detail.log_driver)
    rights = [word for word, so in (("privileged", detail.privileged), ("read-only root", detail.read_only_root)) if so]
    if rights:
        yield _fact("rights", " · ".join(rights))
    yield _fact("network", detail.network_mode)
    yield from _facts("ports", detail.ports)
    yield from _facts("mounts", detail.mounts)
    yield from _facts("env", [f"{name}={value}" for name, value in detail.environment])
    yield from _facts("labels", [f"{name}={value}" for name, value in detail.labels])


def _fact(name: str, value: str) -> Content:
    return Content.assemble((f" {name:<10}", MUTED), printable(value))


def _facts(name: str, values: Iterable[str]) -> Iterable[Content]:
    for index, value in enumerate(values):
        yield _fact("" if index else name, value)


def _moment(iso: str) -> str:
    return iso[:19].replace("T", " ")


PANE = FactsPane
