"""`workbench runs`: what the store of runs holds; shows one, opens a profile among them, or removes some."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from workbench import places
from workbench.cli import output, talk
from workbench.cli.verb import Call, Verb
from workbench.errors import RunUnknown
from workbench.measure.units import NOT_MEASURED, duration, quantity

if TYPE_CHECKING:
    from workbench.model.runs import Artifact, Metric, RunDetail, RunSummary

_Columns: TypeAlias = tuple[tuple[str, Literal["left", "right"]], ...]
_COLUMNS: _Columns = (
    ("ID", "right"),
    ("Started", "left"),
    ("Kind", "left"),
    ("Target", "left"),
    ("Label", "left"),
    ("Took", "right"),
    ("Figures", "right"),
    ("Status", "left"),
)
_FIGURE_COLUMNS: _Columns = (
    ("Figure", "left"),
    ("Value", "right"),
    ("Samples", "right"),
    ("Range", "left"),
    ("", "left"),
)
_ARTIFACT_COLUMNS: _Columns = (("Artifact", "left"), ("Type", "left"), ("Size", "right"), ("SHA-256", "left"))
_BETTER = {-1: "lower is better", 0: "", 1: "higher is better"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--limit", type=_count, default=50, metavar="N", help="newest N runs (default: 50)")
    parser.add_argument("--kind", metavar="KIND", help="only runs of this kind")
    parser.add_argument("--target", metavar="NAME", help="only runs of this image, container or address")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="instead of listing them")
    show = actions.add_parser("show", help="one run with all its figures", allow_abbrev=False)
    show.add_argument("id", type=_count, metavar="ID")
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="write JSON")
    opened = actions.add_parser("open", help="show a profile that was kept on the screens", allow_abbrev=False)
    opened.add_argument("id", type=_count, metavar="ID")
    export = actions.add_parser("export", help="write runs into a file for another workbench", allow_abbrev=False)
    export.add_argument("ids", type=_count, nargs="+", metavar="ID")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="file to make, FILE.wbrun")
    bring = actions.add_parser("import", help="read the runs of such files", allow_abbrev=False)
    bring.add_argument("files", type=Path, nargs="+", metavar="FILE")
    for name, what in (("label", "give a run another label"), ("note", "write a note to a run")):
        write = actions.add_parser(name, help=what, allow_abbrev=False)
        write.add_argument("id", type=_count, metavar="ID")
        write.add_argument("text", metavar="TEXT")
    for name, what in (("pin", "keep runs when old ones are pruned"), ("unpin", "keep them no longer")):
        keep = actions.add_parser(name, help=what, allow_abbrev=False)
        keep.add_argument("ids", type=_count, nargs="+", metavar="ID")
    remove = actions.add_parser("rm", help="delete runs and the artifacts that only they have", allow_abbrev=False)
    remove.add_argument("ids", type=_count, nargs="+", metavar="ID")


def _run(call: Call) -> int:
    match call.arguments.action:
        case "show":
            return _show(call.arguments.id, as_json=call.arguments.json)
        case "open":
            return _open(call)
        case "rm":
            return _remove(call.arguments.ids)
        case "export":
            return _export(call.arguments.ids, call.arguments.output)
        case "import":
            return _import(call.arguments.files)
        case "label" | "note" | "pin" | "unpin":
            return _change(call.arguments)
        case _:
            return _list(call.arguments)


VERB = Verb("runs", "List the runs that were stored on this machine", _add_arguments, _run)


def _open(call: Call) -> int:
    from workbench.profiling import kept_profile, opened
    from workbench.session import Session

    profile = opened(kept_profile(call.arguments.id))
    session = Session.live(call.settings)
    session.profiles.first = profile
    return call.open_screens(session)


def _list(wanted: argparse.Namespace) -> int:
    from workbench.store import Store  # sqlite3, 9 ms

    file = places.store_file()
    found: tuple[RunSummary, ...] = ()
    if file.exists():
        with Store.open(file) as store:
            found = store.runs(wanted.limit, wanted.kind, wanted.target)
    if wanted.json:
        output.json({"schema": 1, "runs": found})
    elif found:
        output.table(_COLUMNS, [_line(run) for run in found])
    if not found:
        filtered = wanted.kind is not None or wanted.target is not None
        talk.say("no run matches" if filtered else "no runs yet")
        talk.say("  hint: " + ("workbench runs lists all" if filtered else "workbench record FILE makes one"))
    return 0


def _line(run: "RunSummary") -> tuple[str, ...]:
    status = f"{run.status}, pinned" if run.pinned else run.status
    figures = str(run.metrics)
    return (str(run.id), _when(run.started_at), run.kind, run.target.name, run.label, _took(run), figures, status)


def _show(run_id: int, *, as_json: bool) -> int:
    from workbench.store import Store

    _expect_store(run_id)
    with Store.open(places.store_file()) as store:
        run = store.run(run_id)
    if as_json:
        output.json({"schema": 1, "run": run})
        return 0
    for name, value in _facts(run):
        if value:
            output.text(f"{name:<13} {value}")
    if run.metrics:
        output.text("")
        output.table(_FIGURE_COLUMNS, [_figure(metric) for metric in run.metrics])
    if run.artifacts:
        output.text("")
        output.table(_ARTIFACT_COLUMNS, [_artifact(artifact) for artifact in run.artifacts])
    return 0


def _facts(run: "RunDetail") -> tuple[tuple[str, str], ...]:
    summary, where, how = run.summary, run.environment, run.conditions
    machine = (where.cpu_model, where.cpu_cores and f"{where.cpu_cores} cores", quantity(where.memory_bytes, "B"))
    engine = (where.engine, where.engine_version, where.storage_driver)
    status = f"{summary.status}, pinned" if summary.pinned else summary.status
    return (
        ("run", f"{summary.id} · {summary.kind} · {status}"),
        ("target", f"{summary.target.name} ({summary.target.kind})"),
        ("project", summary.project),
        ("label", summary.label),
        ("note", summary.note),
        ("started", f"{_when(summary.started_at)}, took {_took(summary)}"),
        ("machine", ", ".join(str(fact) for fact in machine if fact)),
        ("engine", " ".join(str(fact) for fact in engine if fact)),
        ("environment", where.fingerprint[:12]),
        ("image", how.image_id or ""),
        ("commit", f"{how.git_commit}{' with changes' if how.git_dirty else ''}" if how.git_commit else ""),
        ("load", "" if how.load_1_minute is None else f"{how.load_1_minute:.2f}"),
        *((f"  {name}", value) for name, value in how.configuration),
    )


def _figure(metric: "Metric") -> tuple[str, ...]:
    values = [sample.value for sample in metric.samples]
    span = f"{_value(min(values), metric.unit)} to {_value(max(values), metric.unit)}" if values else ""
    remark = ", ".join(word for word in (_BETTER[metric.better], metric.quality) if word)
    return (metric.name, _value(metric.value, metric.unit), str(len(values)), span, remark)


def _artifact(artifact: "Artifact") -> tuple[str, ...]:
    return (artifact.kind, artifact.media_type, quantity(artifact.size_bytes, "B"), artifact.sha256)


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return NOT_MEASURED
    return quantity(value, unit) if unit == "B" else f"{value:.6g} {unit}".rstrip()


def _remove(run_ids: list[int]) -> int:
    from workbench.store import Store

    for run_id in run_ids:
        _expect_store(run_id)
    with Store.open(places.store_file()) as store:
        for run_id in run_ids:
            store.run(run_id)  # all are there, or none is deleted
        for run_id in dict.fromkeys(run_ids):
            store.delete(run_id)
            talk.say(f"deleted run {run_id}")
    return 0


def _export(run_ids: list[int], path: Path) -> int:
    from workbench.run_files import export_runs
    from workbench.store import Store

    for run_id in run_ids:
        _expect_store(run_id)
    with Store.open(places.store_file()) as store:
        size = export_runs(store, list(dict.fromkeys(run_ids)), path)
    talk.say(f"{path}, {quantity(size, 'B')}")
    return 0


def _import(files: list[Path]) -> int:
    from workbench.run_files import import_runs
    from workbench.store import Store

    with Store.open(places.store_file()) as store:
        for path in files:
            got = import_runs(store, path)
            numbers = ", ".join(map(str, got.ids)) or "none"
            known = f", {got.known} here already" if got.known else ""
            talk.say(f"{path}: runs {numbers}{known}")
    return 0


def _change(wanted: argparse.Namespace) -> int:
    from workbench.store import Store

    run_ids: list[int] = [wanted.id] if wanted.action in ("label", "note") else wanted.ids
    for run_id in run_ids:
        _expect_store(run_id)
    with Store.open(places.store_file()) as store:
        for run_id in run_ids:
            if wanted.action == "label":
                store.label(run_id, wanted.text)
            elif wanted.action == "note":
                store.note(run_id, wanted.text)
            else:
                store.pin(run_id, pinned=wanted.action == "pin")
    return 0


def _expect_store(run_id: int) -> None:
    """A question about a run makes no store."""
    if not places.store_file().exists():
        raise RunUnknown(f"there is no run {run_id}", "there are none yet: workbench record FILE makes one")


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def _took(run: "RunSummary") -> str:
    if run.ended_at is None:
        return NOT_MEASURED
    seconds = run.ended_at - run.started_at
    return f"{seconds:.1f} s" if 0 <= seconds < 10 else duration(seconds)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:19]) < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)
