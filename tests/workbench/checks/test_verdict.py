"""Sizes against the limits of kinds of applications."""

import pytest

from tests.workbench.checks.images import MB, gone, image
from tests.workbench.checks.test_image_checks import pip
from workbench.checks.verdict import Grade, Kind, judge


@pytest.mark.parametrize(
    ("kind", "size", "grade"),
    [
        ("microservice", 100 * MB - 1, "target"),
        ("microservice", 100 * MB, "good"),
        ("microservice", 200 * MB, "fair"),
        ("microservice", 500 * MB, "fair"),
        ("microservice", 500 * MB + 1, "review"),
        ("web", 199 * MB, "target"),
        ("web", 399 * MB, "good"),
        ("web", 801 * MB, "review"),
        ("data", 299 * MB, "target"),
        ("data", 599 * MB, "good"),
        ("data", 1000 * MB, "fair"),
        ("data", 1001 * MB, "review"),
    ],
)
def test_the_size_is_graded_by_kind(kind: Kind, size: int, grade: Grade) -> None:
    verdict = judge(image({"a": size}), kind)
    assert (verdict.kind, verdict.shipped, verdict.guessed) == (kind, grade, "")


def test_what_ships_is_judged_and_what_is_seen_is_told() -> None:
    verdict = judge(image({"a": 600 * MB, "b": 50 * MB}, {"a": gone()}), "microservice")
    assert (verdict.shipped, verdict.shipped_bytes) == ("review", 650 * MB)
    assert (verdict.final, verdict.final_bytes) == ("target", 50 * MB)


@pytest.mark.parametrize(
    ("packages", "kind"), [((), "microservice"), (("fastapi",), "web"), (("fastapi", "scikit_learn"), "data")]
)
def test_the_kind_is_guessed_from_packages_and_says_so(packages: tuple[str, ...], kind: Kind) -> None:
    verdict = judge(image(pip(*packages, size=MB)))
    assert verdict.kind == kind
    assert verdict.guessed
