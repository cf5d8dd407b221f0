"""`workbench image SOURCE`: what an image is made of, what it wastes, and whether it keeps the rules."""

import argparse
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Self

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.measure.units import duration, quantity
from workbench.session import Session

if TYPE_CHECKING:
    from workbench.checks.rules import Judged, Severity
    from workbench.examination import Examined
    from workbench.measure.analysis import ImageAnalysis
    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.image_comparison import ImageComparison
    from workbench.model.image_index import ImageFinding
    from workbench.model.pull import PullEstimate

_KINDS = ("microservice", "web", "data")
_ARCHIVES = ("docker-archive:", "oci-archive:")
_LAYOUT = "oci:"
_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".oci")
_LARGEST_DOCKERFILE_BYTES = 1000**2


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="an image's name or id, docker-archive:FILE, oci-archive:FILE, oci:DIR, or the path of one",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--files", action="store_true", help="list every file of the merged file system in the JSON")
    parser.add_argument("--reference", metavar="R", default="", help="which image, where an archive has several")
    parser.add_argument("--platform", metavar="P", default="", help="which platform, such as linux/arm64")
    parser.add_argument("--kind", choices=_KINDS, help="what it is for: decides how large it may be (default: guessed)")
    parser.add_argument("--dockerfile", type=Path, metavar="F", help="Dockerfile it was built from: names its lines")
    parser.add_argument("--against", metavar="B", help="another image, to tell what changed since")
    parser.add_argument("--markdown", action="store_true", help="write the comparison for a pull request")
    parser.add_argument("--ci", action="store_true", help="judge it by .dive-ci and the settings; 1 when a rule fails")
    parser.add_argument("--ci-config", type=Path, metavar="F", help="file with dive's rules (default: .dive-ci)")


def _run(call: Call) -> int:
    wanted = call.arguments
    _refuse(wanted)
    dockerfile = _dockerfile(wanted.dockerfile)
    if wanted.ci:
        from workbench.cli.dive_rules import read_dive_rules

        read_dive_rules(wanted.ci_config)  # what is wrong with it is told before the work
    with Reader(call) as reader:
        analysis, findings = reader.examined(wanted.source, wanted.reference, wanted.platform, dockerfile)
        against = reader.examined(wanted.against, "", wanted.platform).analysis if wanted.against else None
    judged, source = _judge(call, analysis, findings, against) if wanted.ci else ((), "")
    compared = _compared(against, analysis) if against is not None else None
    _write(wanted, analysis, findings, compared, judged, source)
    return int(any(one.status == "fail" for one in judged))


VERB = Verb("image", "Take an image apart: layers, waste, findings, rules, comparison", _add_arguments, _run)


def _refuse(wanted: argparse.Namespace) -> None:
    """Name options that do nothing without another."""
    for option, needs, missing in (
        ("--files", "--json", wanted.files and not wanted.json),
        ("--markdown", "--against", wanted.markdown and not wanted.against),
        ("--ci-config", "--ci", wanted.ci_config and not wanted.ci),
    ):
        if missing:
            raise UsageError(f"{option} goes with {needs}", "see workbench image --help")
    if wanted.json and wanted.markdown:
        raise UsageError("--json and --markdown are two ways to write one thing", "give one of them")
    if not wanted.source.strip():
        raise UsageError("SOURCE is empty", "workbench image NAME, or the path of an archive")


def _dockerfile(path: Path | None) -> str:
    if path is None:
        return ""
    where = printable(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_DOCKERFILE_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{where} cannot be read: {error.strerror}", "check the path given with --dockerfile"
        ) from error
    if len(content) > _LARGEST_DOCKERFILE_BYTES:
        raise UsageError(f"{where} is larger than any Dockerfile", "check the path given with --dockerfile")
    return content.decode("utf-8", "replace")


class Reader:
    """Acquires and analyses images; opens the engine when the first one needs it, and closes it."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        talk.end_progress()
        if self._session is not None:
            self._session.close()

    def examined(self, source: str, reference: str, platform: str, dockerfile: str = "") -> "Examined":
        """One image, acquired, analysed and checked."""
        return self._examined(source, reference, platform, dockerfile, None)[0]

    def with_pull(self, source: str) -> "tuple[Examined, PullEstimate]":
        """The same, and what pulling it takes at the usual bandwidth, nothing of it being there."""
        from workbench.cli.bench_pull import DEFAULT_BANDWIDTH

        examined, estimate = self._examined(source, "", "", "", DEFAULT_BANDWIDTH)
        assert estimate is not None  # noqa: S101  it was asked for
        return examined, estimate

    def _examined(
        self, source: str, reference: str, platform: str, dockerfile: str, bandwidth: float | None
    ) -> "tuple[Examined, PullEstimate | None]":
        from workbench.examination import examine
        from workbench.image_run import kept_image

        path = archive_of(source)
        stacks: Sequence[tuple[str, Sequence[str]]] = ()
        with until_told() as stop:
            if path is None:
                acquired, stacks = self._from_engine(source, reference, platform, stop)
            else:
                from workbench.sources.acquire_archive import acquire_archive

                acquired = acquire_archive(path, reference, platform, progress=_show, stop=stop)
        started = time.monotonic()
        try:
            talk.progress("working out sizes, owners and duplicates")
            examined = examine(acquired, local_images=stacks, dockerfile=dockerfile)
            kept_image(*examined, time.monotonic() - started)
            estimate = None
            if bandwidth is not None:
                from workbench.pulling import estimate_acquired

                with until_told() as stop:
                    estimate = estimate_acquired(acquired, source, bandwidth, talk.progress, stop)
            return examined, estimate
        finally:
            acquired.files.close()
            talk.end_progress()

    def _from_engine(
        self, source: str, reference: str, platform: str, stop: Event
    ) -> tuple["AcquiredImage", Sequence[tuple[str, Sequence[str]]]]:
        if reference:
            raise UsageError("--reference chooses an image of an archive", f"{printable(source)} names one already")
        if self._session is None:
            self._session = Session.live(self._call.settings)
        world = self._session.world
        if platform:
            detail = world.image(source)
            here = f"{detail.operating_system}/{detail.architecture}"
            if platform != here and not platform.startswith(f"{here}/"):
                hint = f"docker save --platform {printable(platform)} … gives an archive of another one"
                raise UsageError(f"the engine has {printable(source)} for {here}, not {printable(platform)}", hint)
        acquired = world.acquire(source, _show, stop)
        try:
            return acquired, world.image_stacks()
        except WorkbenchError as error:
            talk.end_progress()
            talk.say(f"the base image is guessed: {error.reason}")
            return acquired, ()


def archive_of(source: str) -> Path | None:
    """The archive or layout that a source names, or nothing for an image of the engine."""
    for prefix in (*_ARCHIVES, _LAYOUT):
        if source.startswith(prefix):
            name = source.removeprefix(prefix)
            if not name:
                raise UsageError(f"{prefix} names no file", f"{prefix}PATH")
            return Path(name)
    path = Path(source)
    if source.startswith(("/", "./", "../", "~")) or source.endswith(_ENDINGS):
        return path.expanduser() if source.startswith("~/") else path
    with contextlib.suppress(OSError, ValueError):
        if path.is_file() or (
            path.is_dir() and any((path / name).is_file() for name in ("oci-layout", "manifest.json"))
        ):
            return path
    return None


def _show(told: "AcquireProgress") -> None:
    """Progress on stderr: what is done, layers, bytes, rate, and what remains."""
    parts = [told.message or told.stage]
    if told.layers_total:
        parts.append(f"layer {told.layers_done} of {told.layers_total}")
    if told.bytes_done:
        of = f" of {quantity(told.bytes_total, 'B')}" if told.bytes_total else ""
        parts.append(f"{quantity(told.bytes_done, 'B')}{of}")
    if told.bytes_per_second:
        parts.append(f"{quantity(told.bytes_per_second, 'B')}/s")
        if told.bytes_total and told.bytes_total > told.bytes_done:
            left = (told.bytes_total - told.bytes_done) / told.bytes_per_second
            parts.append(f"{duration(left)} left")
    talk.progress(" · ".join(parts))


def _judge(
    call: Call,
    analysis: "ImageAnalysis",
    findings: Sequence["ImageFinding"],
    against: "ImageAnalysis | None",
) -> tuple[tuple["Judged", ...], str]:
    from workbench.checks.rules import OwnRules, judge_dive, judge_own
    from workbench.cli.dive_rules import read_dive_rules
    from workbench.measure.byte_sizes import parse_limit, parse_size

    rules, source = read_dive_rules(call.arguments.ci_config)
    ci = call.settings.ci
    limits: dict[Severity, float] = {
        "high": ci.max_findings_high,
        "medium": ci.max_findings_medium,
        "low": ci.max_findings_low,
    }
    own = OwnRules(
        max_size=parse_size(ci.max_size) if ci.max_size else None,
        max_wasted=parse_limit(ci.max_wasted) if ci.max_wasted else None,
        max_growth=parse_limit(ci.max_growth) if ci.max_growth else None,
        max_findings={severity: int(number) for severity, number in limits.items() if number >= 0},
    )
    return (*judge_dive(analysis, rules), *judge_own(analysis, findings, own, against)), source


def _compared(before: "ImageAnalysis", after: "ImageAnalysis") -> "ImageComparison":
    from workbench.measure.image_compare import compare

    return compare(before, after)


def _write(
    wanted: argparse.Namespace,
    analysis: "ImageAnalysis",
    findings: Sequence["ImageFinding"],
    compared: "ImageComparison | None",
    judged: Sequence["Judged"],
    source: str,
) -> None:
    """Write what was asked for, in the form that was asked for."""
    from workbench.cli import image_comparison, image_report

    if wanted.markdown and compared is not None:
        for line in image_comparison.markdown(compared, judged):
            output.text(line)
    elif wanted.json:
        output.json(_document(wanted, analysis, findings, compared, judged, source))
    elif wanted.ci:
        image_report.show_rules(analysis, judged, source)
        if findings:
            image_report.show_findings([one for one in findings if one.severity in ("high", "medium")])
        if compared is not None:
            output.text("")
            image_comparison.show_comparison(compared)
    elif compared is not None:
        image_comparison.show_comparison(compared)
    else:
        from workbench.checks import judge

        image_report.show_image(analysis, findings, judge(analysis, wanted.kind))


def _document(
    wanted: argparse.Namespace,
    analysis: "ImageAnalysis",
    findings: Sequence["ImageFinding"],
    compared: "ImageComparison | None",
    judged: Sequence["Judged"],
    source: str,
) -> dict[str, object]:
    from workbench.checks import judge
    from workbench.cli import image_json

    if compared is not None and not wanted.ci:
        return image_json.comparison_document(compared)
    document = image_json.image_document(analysis, findings, judge(analysis, wanted.kind), with_files=wanted.files)
    if wanted.ci:
        document["ci"] = image_json.rules_document(judged, source)
    if compared is not None:
        document["comparison"] = image_json.comparison_document(compared)
    return document
