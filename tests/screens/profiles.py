"""The profiles of a session, told by a test: what the form and the recording must show and ask for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event, Thread

from tests.screens.desk import Desk
from workbench.model.probe import ProcessFacts, Route, TargetFacts
from workbench.model.reading import Fresh, Missing, Reading
from workbench.model.runs import RunSummary, Target
from workbench.model.wish import Wish
from workbench.profilers.base import Progress, Recorded
from workbench.profiling import Opened, as_profile
from workbench.session_profiles import SessionProfiles

GUNICORN = (
    ProcessFacts(1, name="sh", command="sh -c gunicorn app:app"),
    ProcessFacts(7, parent_pid=1, name="python3", command="python3 gunicorn app:app", python="3.12"),
    ProcessFacts(8, parent_pid=7, name="python3", command="python3 worker", python="3.12"),
    ProcessFacts(9, parent_pid=1, name="sleep", command="sleep 60"),
)
SIDECAR = Route("sidecar", "a container beside it that may only look")
HOST = Route("host", "idle threads count as busy", "the engine runs on another machine")
GDB = Route("gdb", "stops it for a moment", risk="a debugger may end the process")
FRESH = Route("fresh", "starts the same container once more")
WAYS: dict[str, tuple[Route, ...]] = {
    "py-spy": (SIDECAR, HOST),
    "cprofile": (GDB, FRESH),
    "memray": (replace(GDB, closed="its libc is too old"), FRESH),
    "lines": (GDB, FRESH),
    "imports": (FRESH,),
    "dump": (SIDECAR,),
}
STACKS = 'process 7:"python3";thread (7): Main;main (/srv/app.py:3);handle (/srv/app.py:8) 400\n'
DUMP = b"""[
    {"pid": 7, "os_thread_id": 7, "thread_name": "Main", "active": true, "owns_gil": false, "command": "python3",
     "frames": [{"name": "handle", "filename": "/srv/app.py", "line": 8, "locals": null},
                {"name": "main", "filename": "/srv/app.py", "line": 3, "locals": null}]},
    {"pid": 7, "os_thread_id": 8, "thread_name": "pool", "active": false, "owns_gil": false, "command": "python3",
     "frames": [{"name": "wait", "filename": "/usr/lib/python3.11/threading.py", "line": 320, "locals": null}]}
]"""


class Profiles(SessionProfiles):
    """Answers as it was told; what it was asked to record is in `recorded`."""

    names = tuple(WAYS)

    def __init__(self, desk: Desk) -> None:
        session = desk.app.session
        super().__init__(session.world, session.settings, session.clock, lambda *_: None)
        self.facts: Reading[TargetFacts] = Fresh(TargetFacts("container", "1" * 64, "api", GUNICORN), 0.0)
        self.ways: Mapping[str, tuple[Route, ...]] = WAYS
        self.looks = Event()
        """Set: the probe answers."""
        self.looks.set()
        self.recorded: list[tuple[str, Wish]] = []
        self.kept_ones: tuple[RunSummary, ...] = ()
        self.result: Reading[Opened] | None = None
        """What a recording gives; `None` is what was asked for."""
        self.hangs = False
        """Whether a recording does not end when it is told to."""
        self.lets_go = Event()
        session.profiles = self

    def probe(self, container_id: str, on_done: Callable[[Reading[TargetFacts]], object], stop: Event) -> None:
        del container_id, stop

        def work() -> None:
            self.looks.wait(60)
            on_done(self.facts)

        Thread(target=work, daemon=True).start()

    def ways_in(self, facts: TargetFacts, wish: Wish) -> Mapping[str, tuple[Route, ...]]:
        del facts, wish
        return self.ways

    def record(
        self,
        container_id: str,
        profiler: str,
        wish: Wish,
        on_progress: Callable[[Progress], object],
        on_done: Callable[[Reading[Opened]], object],
        stop: Event,
    ) -> None:
        del container_id
        self.recorded.append((profiler, wish))
        on_progress(Progress("sidecar", 1.0, wish.seconds, 100, STACKS if profiler == "py-spy" else "", ""))

        def work() -> None:
            stop.wait(60)
            if self.hangs:
                self.lets_go.wait(60)
            on_done(self.result or Fresh(made(profiler), 0.0))

        Thread(target=work, daemon=True).start()

    def functions(self, container_id: str, name: str, on_done: Callable[[Reading[tuple[str, ...]]], object]) -> None:
        del container_id, name
        on_done(Fresh(("shop.orders:price", "shop.orders:load"), 0.0))

    def kept(self, name: str, on_done: Callable[[Reading[tuple[RunSummary, ...]]], object]) -> None:
        del name
        on_done(Fresh(self.kept_ones, 0.0))

    def open_kept(self, run_id: int, on_done: Callable[[Reading[Opened]], object]) -> None:
        if run_id != 12:
            on_done(Missing(f"there is no run {run_id}"))
            return
        on_done(Fresh(made("py-spy"), 0.0))


def made(profiler: str) -> Opened:
    """A finished profile, kept as run 12."""
    recorded = Recorded("py-spy", "sidecar", "samples", 4.0, 1_790_000_000.0, STACKS, samples=400)
    profile = as_profile(recorded, TargetFacts("container", "1" * 64, "api"))
    return Opened(profile, "1" * 64, DUMP if profiler == "dump" else b"", "kept as run 12")


def kept_run(number: int, profiler: str = "py-spy") -> RunSummary:
    """A line of the list of runs."""
    target = Target("container", "api")
    at = 1_790_000_000.0
    return RunSummary(number, "default", target, "profile", profiler, "complete", at, at + 10, False, "", 3, 1)
