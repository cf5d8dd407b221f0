"""Makes the golden situations: real ones of containers that suffer from one thing each, and the constructed ones.

    .venv/bin/python -m tests.live.make_goldens [RULE …]

Needs root and an engine. Everything made in the engine is removed at the end.
"""

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import docker

from tests.live.conftest import remove_container
from tests.live.engines import find_engine, run_script
from tests.live.labels import LABEL, is_dead, run_id, sweep
from tests.live.suffering import CONTENTION, IDLE, KILLED, QUOTA, SINGLE, SPIN, THRASH, Suffering, disk_below, disk_wait
from tests.workbench.verdicts import goldens
from tests.workbench.verdicts.situations import CONSTRUCTED
from workbench.model.verdicts import Situation
from workbench.session import Session
from workbench.settings import Settings
from workbench.verdicts import judge

SECONDS = 10.0
PATIENCE_SECONDS = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", metavar="RULE", help="only these of the real ones")
    wanted = parser.parse_args().rules
    for rule, situation in CONSTRUCTED.items():
        goldens.write(goldens.CONSTRUCTED, rule, situation)
    engine = find_engine()
    sweep(engine.client, is_dead)
    image = run_script("base_image.sh", environ=engine.environ)[0]
    disk = disk_below(str(engine.client.info()["DockerRootDir"]))
    sufferings = [QUOTA, CONTENTION, THRASH, KILLED, SINGLE, IDLE, *([disk_wait(disk)] if disk else [])]
    for suffering in sufferings:
        if not wanted or suffering.rule in wanted:
            situation = record(engine.client, image, suffering)
            file = goldens.write(goldens.HERE, suffering.rule, situation)
            print(f"{file.name}: {file.stat().st_size} bytes; {judge(situation)[0].message}")


def record(client: docker.DockerClient, image: str, suffering: Suffering) -> Situation:
    """Start it and look until its rule is the first to speak."""
    with ExitStack() as stack:

        def start(code: str, name: str, **create: Any) -> str:
            made = client.containers.create(
                image, ["python3", "-c", code], name=name, labels={LABEL: run_id()}, **create
            )
            stack.callback(remove_container, made)
            made.start()
            return str(made.id)

        for number in range(suffering.neighbours):
            start(SPIN, f"neighbour-{number}")
        identity = start(suffering.code, "suffering", **suffering.created(str(client.info()["CgroupDriver"])))
        return without_strangers(_look(identity, suffering))


def _look(identity: str, suffering: Suffering) -> Situation:
    session = Session.live(Settings())
    asked = session.judge
    session.start(lambda _: None)
    session.look_at(identity)
    deadline = time.monotonic() + PATIENCE_SECONDS
    said: list[str] = []
    try:
        while time.monotonic() < deadline:
            time.sleep(0.5)
            situation = asked.situation(identity)
            if situation is None or situation.detail is None:
                continue
            waiting = situation.seconds < SECONDS if suffering.runs else situation.container.state == "running"
            if waiting:
                continue
            said = [f"{verdict.rule}: {verdict.message}" for verdict in judge(situation)]
            if said and said[0].startswith(suffering.rule):
                return situation
    finally:
        session.close()
    raise AssertionError(f"{suffering.rule} was not said first, but {said}")


def without_strangers(situation: Situation) -> Situation:
    """Leave out what has nothing to do with it: other containers, labels, all but the last window."""
    usages = situation.usages[-int(SECONDS) - 2 :]
    detail = situation.detail
    return replace(
        situation,
        usages=usages,
        seconds=sum(usage.interval_seconds for usage in usages),
        neighbours=tuple(each for each in situation.neighbours if each.name.startswith("neighbour-")),
        focus=situation.focus[-3:],
        gpus=(),
        detail=detail and replace(detail, labels=()),
    )


if __name__ == "__main__":
    main()
