from tests.workbench.measure.image_building import HOUR, detail
from workbench.measure.base_image import NAME_LABEL, base_split
from workbench.model.image_index import BaseSplit

OWN = ["a", "b", "c", "d"]
PLAIN = detail("ADD x", "RUN y", "RUN z", "COPY .")


def test_the_longest_local_image_that_is_a_whole_lower_part() -> None:
    local = [
        ("debian:12", ["a"]),
        ("python:3.11", ["a", "b"]),
        ("other:1", ["x"]),
        ("app:1", OWN),
        ("", ["a", "b", "c"]),
    ]
    assert base_split(PLAIN, OWN, local) == BaseSplit(2, "python:3.11", "local image")


def test_two_names_of_one_base_prefer_the_one_that_is_told() -> None:
    local = [("py", ["a", "b"]), ("python:3.11-slim", ["a", "b"])]
    assert base_split(PLAIN, OWN, local).name == "py"
    told = {NAME_LABEL: "python:3.11-slim"}
    assert base_split(PLAIN, OWN, local, told).name == "python:3.11-slim"


def test_layers_in_common_with_another_repository() -> None:
    local = [("debian:12", ["a"]), ("shop/cart:4", ["a", "b", "x"])]
    assert base_split(PLAIN, OWN, local) == BaseSplit(2, "", "shared layers")


def test_an_older_build_of_the_same_repository_is_no_base() -> None:
    local = [("app:0", ["a", "b", "c", "x"]), ("registry:5000/team/app:0", ["a", "b", "c", "x"])]
    assert base_split(PLAIN, OWN, local) == BaseSplit()


def test_history_ends_the_base_at_a_command_that_is_not_the_last() -> None:
    steps = detail("ADD x", '-CMD ["bash"]', "RUN y", '-CMD ["python3"]', "COPY .", '-CMD ["app"]')
    assert base_split(steps, ["a", "b", "c"]) == BaseSplit(2, "", "history")
    told = {NAME_LABEL: "python:3.11"}
    assert base_split(steps, ["a", "b", "c"], (), told) == BaseSplit(2, "python:3.11", "annotation")


def test_a_command_in_the_middle_of_one_build_ends_nothing() -> None:
    steps = detail(
        ("ADD x", 1000.0),
        ('-CMD ["bash"]', 1001.0),
        ("RUN y", 1001.0 + 9 * HOUR),
        ('-CMD ["app"]', 1002.0 + 9 * HOUR),
        ("COPY .", 1003.0 + 9 * HOUR),
    )
    assert base_split(steps, ["a", "b", "c"]).layers == 1


def test_a_long_pause_ends_a_base_without_a_command() -> None:
    steps = detail(("ADD x", 1000.0), ("RUN y", 1000.0 + 24 * HOUR))
    assert base_split(steps, ["a", "b"]) == BaseSplit(1, "", "history")


def test_nothing_to_go_by() -> None:
    assert base_split(detail("ADD x", "RUN y"), ["a", "b"]) == BaseSplit()
    assert base_split(detail(), []) == BaseSplit()
