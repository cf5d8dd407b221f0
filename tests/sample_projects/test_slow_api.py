"""The first patient: before and after give the same answers, and after does less for them."""

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PATIENT = Path(__file__).parents[2] / "sample_projects/slow_api"
SIDES = ("before", "after")

PATHS = (
    "/health",
    "/orders",
    "/orders?limit=1",
    "/orders?limit=1000",
    "/recommendations?user=7",
    "/recommendations?user=7&limit=100",
    "/recommendations?user=999999",
    "/price?items=1:3,2,77:12,4,5,6,7,8,9,10,1:5&week=40",
    "/price?items=1990:1000&week=52&country=FR",
    "/report",
    "/stats",
    "/",
    "/nothing",
    "/orders?limit=0",
    "/orders?limit=many",
    "/recommendations",
    "/price",
    "/price?items=1&country=XX",
    "/price?items=1:0",
    "/price?items=3000,2001",
    "/price?items=" + ",".join(["1"] * 51),
)


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-B", *arguments]


def run(side: str, *arguments: str) -> str:
    """What Python prints in the folder of one side."""
    done = subprocess.run(
        python(*arguments), cwd=PATIENT / side, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(slots=True)
class Service:
    """A running side, and how to ask it."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def statements(self, path: str) -> list[str]:
        """The SQL that the service runs to answer."""
        start = self.log.stat().st_size
        self.get(path)
        return [line for line in self.log.read_text()[start:].splitlines() if line.startswith("sql ")]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """Both sides, each with a database of its own making."""
    started: dict[str, Service] = {}
    for side in SIDES:
        folder = tmp_path_factory.mktemp(side)
        database = str(folder / "shop.db")
        run(side, "-m", "slow_api", "seed", "--database", database, "--staging", str(folder / "staging"))
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                python("-m", "slow_api", "serve", "--database", database, "--host", "127.0.0.1", "--port", "0"),
                cwd=PATIENT / side,
                env={**os.environ, "SLOW_API_LOG_SQL": "1"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("slow_api answers on port "), (folder / "log").read_text()
        started[side] = Service(process, int(said.split()[-1]), folder / "log")
    yield started
    for service in started.values():
        service.process.send_signal(signal.SIGTERM)
        assert service.process.communicate()[0] == "slow_api has stopped\n"
        assert service.process.returncode == 0


@pytest.mark.parametrize("path", PATHS)
def test_same_answers(services: dict[str, Service], path: str) -> None:
    before, after = (services[side].get(path) for side in SIDES)
    assert before[0] == after[0]
    assert before[2] == after[2]
    assert json.loads(after[2])


def test_faults_in_a_request_are_told_not_raised(services: dict[str, Service]) -> None:
    for service in services.values():
        statuses = {path: service.get(path)[0] for path in PATHS}
        assert set(statuses.values()) == {200, 400, 404}
        assert "Traceback" not in service.log.read_text()


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("/orders?limit=50", 150, 2), ("/recommendations?user=7", 12, 3), ("/price?items=1,2,3,4,5,6,7,8", 8, 1)],
)
def test_after_asks_the_database_less(services: dict[str, Service], path: str, before: int, after: int) -> None:
    assert len(services["before"].statements(path)) >= before
    assert len(services["after"].statements(path)) == after


def test_n_plus_one_grows_with_the_orders_only_before(services: dict[str, Service]) -> None:
    few, many = "/orders?limit=10", "/orders?limit=100"
    assert len(services["before"].statements(many)) > 5 * len(services["before"].statements(few))
    assert len(services["after"].statements(many)) == len(services["after"].statements(few))


COMPARISONS = """
from slow_api import recommendations

class Number(int):
    compared = 0
    def __eq__(self, other):
        Number.compared += 1
        return int(self) == int(other)
    __hash__ = int.__hash__

purchases = [(Number(customer), Number(1000 + customer * 7 + book)) for customer in range(60) for book in range(20)]
bought = [Number(1000 + book) for book in range(20)]
buyers = recommendations.buyers_of(bought, purchases)
picked = recommendations.pick(bought, buyers, purchases)
print(len(buyers), len(picked), sum(picked), Number.compared)
"""


def test_after_compares_less(services: dict[str, Service]) -> None:
    (*same, many), (*also, few) = (map(int, run(side, "-c", COMPARISONS).split()) for side in SIDES)
    assert same == also
    assert many > 5 * few


def test_membership_costs_grow_with_the_list_only_before() -> None:
    each: dict[str, list[float]] = {side: [] for side in SIDES}
    for size in (20, 80):
        script = COMPARISONS.replace("range(20)", f"range({size})")
        for side in SIDES:
            each[side].append(int(run(side, "-c", script).split()[-1]) / (60 * size))
    assert each["before"][1] > 2 * each["before"][0], "comparisons for each purchase"
    assert max(each["after"]) < 4


COMPUTATIONS = """
import sqlite3, sys
from pathlib import Path
from slow_api import database, pricing
from slow_api.parameters import Parameters

calls = []
original = pricing.demand
pricing.demand = lambda category, day: calls.append((category, day)) or original(category, day)
connection = database.connect(Path(sys.argv[1]))
basket = Parameters([("items", ",".join(map(str, range(1, 41)))), ("week", "3")])
for _ in range(3):
    pricing.quote(connection, basket)
print(len(calls), len(set(calls)))
"""


def test_after_computes_nothing_twice(tmp_path: Path) -> None:
    counted = {}
    for side in SIDES:
        database = tmp_path / f"{side}.db"
        run(side, "-m", "slow_api", "seed", "--database", str(database), "--staging", str(tmp_path / side))
        counted[side] = [int(word) for word in run(side, "-c", COMPUTATIONS, str(database)).split()]
    (all_before, different_before), (all_after, different_after) = counted["before"], counted["after"]
    assert different_before == different_after
    assert all_before == 3 * 40 * (364 + 7), "each line of each basket computes the whole year again"
    assert all_after == 9 * (364 + 7), "each category's year once"


def test_only_before_pays_for_the_zones_at_start(services: dict[str, Service]) -> None:
    script = "import sys, slow_api.__main__; print('slow_api.delivery' in sys.modules)"
    assert [run(side, "-c", script).strip() for side in SIDES] == ["True", "False"]


def test_zones_are_the_same() -> None:
    before, after = (run(side, "-m", "slow_api", "zones") for side in SIDES)
    assert before == after
    assert before.splitlines()[0].split("\t")[0] == "Town 1"


def test_only_after_compresses_large_answers(services: dict[str, Service]) -> None:
    plain = services["before"].get("/report", Accept_Encoding="gzip")
    packed = services["after"].get("/report", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain[1]
    assert packed[1]["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2]
    assert len(plain[2]) > 1_000_000 > 5 * len(packed[2])
    for header in ("identity", "br", "gzip;q=0", "*;q=0.0", ""):
        assert "Content-Encoding" not in services["after"].get("/report", Accept_Encoding=header)[1], header
    assert "Content-Encoding" not in services["after"].get("/health", Accept_Encoding="gzip")[1]


def test_only_after_keeps_connections_open(services: dict[str, Service]) -> None:
    reused: dict[str, bool] = {}
    for side, service in services.items():
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        connection.request("GET", "/health")
        connection.getresponse().read()
        reused[side] = connection.sock is not None
        connection.close()
    assert reused == {"before": False, "after": True}


def test_sigterm_lets_a_request_finish_and_ignores_idle_connections(tmp_path: Path) -> None:
    for side in SIDES:
        database = str(tmp_path / f"{side}.db")
        run(side, "-m", "slow_api", "seed", "--database", database, "--staging", str(tmp_path / side))
        with subprocess.Popen(
            python("-m", "slow_api", "serve", "--database", database, "--host", "127.0.0.1", "--port", "0"),
            cwd=PATIENT / side,
            env={**os.environ, "SLOW_API_LOG_SQL": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            port = int(process.stdout.readline().split()[-1])
            asking: list[Any] = []
            for path in ("/report", "/health"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", path)
                asking.append(connection)
            asking[1].getresponse().read()
            while "FROM lines JOIN orders" not in process.stderr.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            answer = asking[0].getresponse()
            assert len(json.loads(answer.read())["lines"]) > 10_000
            assert process.wait() == 0
            for connection in asking:
                connection.close()
