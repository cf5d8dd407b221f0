"""Measuring from outside as both fronts ask for it: a service under load, at one rate or up to its knee."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench.errors import Stopped, UsageError
from workbench.measure.latency import flags_of, judge_step, next_rate
from workbench.meters.address import Address, Named, container_address, parse_target
from workbench.meters.latency import measure
from workbench.model.latency import Flag, HttpRequest, KneeStep, LoadPlan, LoadProgress, LoadResult, TargetFigures
from workbench.settings import Settings

if TYPE_CHECKING:
    from workbench.container_watch import ContainerWatch
    from workbench.model.containers import EngineInfo
    from workbench.model.startup import Condition, StartupResult
    from workbench.sources.engine import Engine

Heard = Callable[[LoadProgress], object]

_LONGEST_SILENCE_SECONDS = 60
FIRST_FIGURES_SECONDS = 2.5
"""Between the first reading of a container and its first rates."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    targets: tuple[str, ...]
    """URLs, or containers as `NAME[:PORT][/path]`; requests go to them in turn."""
    plan: LoadPlan
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    engine: str = ""
    """The load generator from elsewhere to use; empty for the built-in one."""
    inside: bool = False
    """Whether containers are measured from inside their network even where they can be reached from here."""
    container: str = ""
    """Whose figures are taken, when the targets are URLs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load test."""

    addresses: tuple[Address, ...]
    plan: LoadPlan
    result: LoadResult
    """At the knee, when that was looked for; otherwise the one there is."""
    flags: tuple[Flag, ...]
    figures: TargetFigures | None
    """Of the container; `None` when none was named."""
    container_name: str = ""
    container_id: str = ""
    image_id: str = ""
    steps: tuple[KneeStep, ...] = ()
    """Every rate that was tried for the knee."""


class Benching:
    """Measures services, start-ups and pulls.

    Args:
        settings: Which engine.

    Nothing is connected before the first question about a container or an image.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environ = dict(os.environ)
        self._engine: Engine | None = None

    def run(self, wish: Wish, heard: Heard, stop: Event) -> Outcome:
        """Send requests at the plan's rate; blocks.

        Args:
            wish: What is asked for.
            heard: Told how far it is; must not block.
            stop: Set to end it; what was measured is the result.

        Raises:
            UsageError: when the targets don't go together or are none.
            NotFound: when there is no such container.
            Stopped: when it was stopped before anything was measured.
            WorkbenchError: when nobody answers there, or the meter fails.
        """
        addresses, requests = self._requests(wish)
        watch, subject = self._watch(wish, addresses, stop)
        try:
            result = self._sent(wish, wish.plan, requests, heard, stop)
            figures = _figures(watch, result)
        finally:
            if watch is not None:
                watch.close()
        return Outcome(addresses, wish.plan, result, flags_of(wish.plan, result), figures, *subject)

    def find_knee(self, wish: Wish, most: float, limit_ms: float | None, heard: Heard, stop: Event) -> Outcome:
        """Raise the rate, beginning with the plan's, until the service does not keep up; blocks.

        Each rate is measured as long as the plan says.

        Args:
            wish: What is asked for.
            most: The highest rate to try.
            limit_ms: The p99 that is still good; `None` judges by what it was at the first rate.
            heard: Told how far each step is; must not block.
            stop: Set to end it; the steps until then are the result.

        Raises:
            The same as `run`.
        """
        addresses, requests = self._requests(wish)
        watch, subject = self._watch(wish, addresses, stop)
        steps: list[KneeStep] = []
        best: tuple[LoadPlan, LoadResult] | None = None
        rate: float | None = wish.plan.rate
        try:
            while rate is not None and not stop.is_set():
                plan = replace(wish.plan, rate=rate)
                note = f"step {len(steps) + 1}: {rate:.4g}/s"
                try:
                    result = self._sent(wish, plan, requests, _noted(heard, note), stop)
                except Stopped:
                    if not steps:
                        raise
                    break
                if result.was_stopped and steps:
                    break
                reason = judge_step(result, rate, steps[0].result if steps else None, limit_ms)
                steps.append(KneeStep(rate, result, not reason, reason))
                if best is None or (not reason and rate > best[0].rate):
                    best = plan, result
                rate = next_rate(steps, most)
            assert best is not None  # noqa: S101  the first step is one, or has raised
            figures = _figures(watch, best[1])
        finally:
            if watch is not None:
                watch.close()
        flags = flags_of(*best)
        if stop.is_set() and not best[1].was_stopped:
            flags = (Flag("stopped", f"stopped after {len(steps)} steps"), *flags)
        elif steps[-1].kept_up and steps[-1].rate >= most:
            flags = (Flag("no_knee", f"it keeps up with {most:.4g}/s, the highest rate that was tried"), *flags)
        elif not steps[0].kept_up:
            flags = (Flag("no_knee", f"it does not keep up with {steps[0].rate:.4g}/s, the lowest rate"), *flags)
        return Outcome(addresses, best[0], best[1], flags, figures, *subject, tuple(steps))

    def startup(
        self,
        target: str,
        conditions: "Sequence[Condition]",
        times: int,
        timeout: float,
        heard: Callable[[int, str], object],
        stop: Event,
    ) -> "StartupResult":
        """Start another container like this one, or one of this image, several times; blocks.

        Args:
            target: A container or an image.
            conditions: When it is ready; without any, its health check or its only port decides.
            times: How often.
            timeout: Seconds that each start has.
            heard: Told how many are done and what is waited for; must not block.
            stop: Set to end it; the starts until then are the result.

        Raises:
            NotFound: when there is no such container or image.
            UsageError: when it cannot be told when it is ready.
            Stopped: when it was stopped before there was anything.
            WorkbenchError: when it does not start or does not get ready.
        """
        from workbench.meters.startup import recipe_of, start_again_and_again
        from workbench.sources.ours import remove_profilers

        is_local = self.engine.endpoint.is_local
        with self.engine.talk() as connection:
            client = connection.client
            remove_profilers(client)
            recipe = recipe_of(client, target, conditions, is_local=is_local)
            return start_again_and_again(client, recipe, times, heard, stop, timeout=timeout, is_local=is_local)

    def keep_startup(self, result: "StartupResult") -> int:
        """Keep start-ups among the runs, and return the run's number.

        Raises:
            StoreError: when the store cannot be used.
        """
        from workbench.startup_run import keep_startup

        return keep_startup(result, self._info())

    def keep(self, outcome: Outcome, wish: Wish) -> int:
        """Keep it among the runs, and return the run's number.

        Raises:
            StoreError: when the store cannot be used.
        """
        from workbench.bench_run import keep_bench

        return keep_bench(outcome, wish, self._info())

    def close(self) -> None:
        """Let go of the engine. Callable from another thread, and twice."""
        if self._engine is not None:
            self._engine.close()

    def _info(self) -> "EngineInfo | None":
        if self._engine is None:
            return None
        with self._engine.talk() as connection:
            return connection.info

    def _requests(self, wish: Wish) -> tuple[tuple[Address, ...], Sequence[tuple[HttpRequest, Address]]]:
        if not wish.targets:
            raise UsageError("there is nothing to measure", "name a URL or a container")
        addresses = tuple(self._address(parse_target(typed), inside_only=wish.inside) for typed in wish.targets)
        if len({(address.network, address.image_id and address.container_id) for address in addresses}) > 1:
            raise UsageError("these targets are reached from different networks", "measure each by itself")
        if wish.engine and (len(addresses) > 1 or addresses[0].image_id):
            raise UsageError(f"{wish.engine} takes one target, and measures from here", "leave out --engine")
        given = [HttpRequest(address.url, wish.method, wish.headers, wish.body) for address in addresses]
        return addresses, tuple(zip(given, addresses, strict=True))

    def _address(self, target: Address | Named, *, inside_only: bool) -> Address:
        if isinstance(target, Address):
            return target
        endpoint = self.engine.endpoint
        host = "127.0.0.1" if endpoint.is_local else urlsplit(endpoint.address).hostname or "127.0.0.1"
        with self.engine.talk() as connection:
            return container_address(
                connection.client, target, is_local=endpoint.is_local, engine_host=host, inside_only=inside_only
            )

    def _sent(
        self,
        wish: Wish,
        plan: LoadPlan,
        requests: Sequence[tuple[HttpRequest, Address]],
        heard: Heard,
        stop: Event,
    ) -> LoadResult:
        """Send them in the way that is wanted."""
        if requests[0][1].image_id:
            from workbench.meters.in_container import measure_in_container
            from workbench.sources.docker_errors import translated
            from workbench.sources.endpoint import connect

            client = connect(self.engine.endpoint, timeout=_LONGEST_SILENCE_SECONDS)
            try:
                with translated(self.engine.endpoint.address):
                    return measure_in_container(client, plan, requests, heard, stop)
            finally:
                client.close()
        if wish.engine:
            from workbench.meters import engines
            from workbench.meters.engines.run import measure_with

            return measure_with(engines.load(wish.engine), plan, *requests[0], heard, stop)
        return measure(plan, requests, heard, stop)

    def _watch(
        self, wish: Wish, addresses: Sequence[Address], stop: Event
    ) -> "tuple[ContainerWatch | None, tuple[str, str, str]]":
        """Watch the container, and its name, id and image's id."""
        named = wish.container or next((address.container_id for address in addresses if address.container_id), "")
        if not named:
            return None, ("", "", "")
        from workbench.container_watch import ContainerWatch

        with self.engine.talk() as connection:
            found = connection.client.inspect_container(named)
        watch = ContainerWatch(self.engine, found["Id"])
        stop.wait(max(0.0, FIRST_FIGURES_SECONDS - wish.plan.warmup_seconds))
        return watch, (str(found["Name"]).lstrip("/"), str(found["Id"]), str(found["Image"]))

    @property
    def engine(self) -> "Engine":
        """The engine, not yet connected when it is first asked for."""
        if self._engine is None:
            from workbench.sources.endpoint import resolve
            from workbench.sources.engine import Engine

            self._engine = Engine(resolve(self._settings.context, self._environ))
        return self._engine


def shown_secrets(wish: Wish) -> tuple[str, ...]:
    """Names of headers with secrets that everybody on this machine can read while the wish is carried out."""
    from workbench.measure.secrets import mask_value
    from workbench.meters import engines

    if not wish.engine or not engines.load(wish.engine).shows_headers:
        return ()
    return tuple(name for name, value in wish.headers if mask_value(name, value) != value)


def _noted(heard: Heard, note: str) -> Heard:
    return lambda told: heard(replace(told, note=note))


def _figures(watch: "ContainerWatch | None", result: LoadResult) -> TargetFigures | None:
    if watch is None:
        return None
    return watch.figures(result.began_at, result.began_at + result.seconds, result.answered_in_time)
