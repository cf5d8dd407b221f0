"""Makes the recordings of slow_api, before and after, that the README's picture compares.

    .venv/bin/python -m tests.live.make_profiles

Needs root and an engine. A client inside the container asks for orders, recommendations, prices and statistics in turn;
a thread for each request tells nothing, so threads are left out. Everything made in the engine is removed at the end.
"""

from contextlib import ExitStack
from threading import Event
from typing import Any

from tests.live.conftest import remove_container
from tests.live.engines import find_engine, run_script
from tests.live.labels import LABEL, is_dead, run_id, sweep
from tests.live.test_slow_api import PATIENT
from workbench.measure.flame.collapsed import to_collapsed
from workbench.measure.flame.transform import left_heavy, without_threads
from workbench.model.wish import Wish
from workbench.profiling import Profiling
from workbench.settings import Settings

SECONDS = 20.0
LONGEST_SECONDS = 300.0
"""For which the client asks, should nobody end it."""
PATHS = (
    "/orders?limit=60",
    "/recommendations?user=7",
    "/price?items=1:3,2,77:12,4,5,6,7,8&week=40",
    "/stats",
    "/orders?limit=20",
    "/recommendations?user=11",
)
CLIENT = f"""
import http.client, time
end = time.monotonic() + {LONGEST_SECONDS}
while time.monotonic() < end:
    for path in {PATHS!r}:
        connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
"""


def main() -> None:
    engine = find_engine()
    sweep(engine.client, is_dead)
    base = run_script("base_image.sh", environ=engine.environ)[0]
    folder = PATIENT / "profiles"
    folder.mkdir(exist_ok=True)
    for side in ("before", "after"):
        file = folder / f"{side}.collapsed"
        file.write_text(record(engine.client, base, side), encoding="utf-8")
        print(f"{file}: {file.stat().st_size} bytes")


def record(client: Any, base: str, side: str) -> str:
    """The stacks of one side under the client."""
    labels = {LABEL: run_id()}
    image, _ = client.images.build(
        path=str(PATIENT / side), buildargs={"BASE": base}, network_mode="none", labels=labels, rm=True
    )
    with ExitStack() as stack:
        stack.callback(client.images.remove, image.id, force=True)
        container = client.containers.run(image.id, detach=True, name=f"slow-api-{side}", labels=labels)
        stack.callback(remove_container, container)
        while b"answers on port" not in container.logs():
            Event().wait(0.1)
        client.api.exec_start(client.api.exec_create(container.id, ["python3", "-c", CLIENT])["Id"], detach=True)
        Event().wait(1.0)
        profiling = Profiling(Settings())
        stack.callback(profiling.close)
        wish = Wish(seconds=SECONDS)
        outcome = profiling.run("py-spy", profiling.probe(container.id), wish, lambda _: None, Event())
    return to_collapsed(left_heavy(without_threads(outcome.profile.tree)))


if __name__ == "__main__":
    main()
