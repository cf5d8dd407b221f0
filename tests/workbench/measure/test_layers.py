import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.layers import Step, instruction, match_layers
from workbench.measure.secrets import MASK


def step(created_by: str, size: int = 0, comment: str = "") -> Step:
    return Step(created_by, comment, size, 1_700_000_000.0)


@pytest.mark.parametrize(
    ("created_by", "shown"),
    [
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        ("/bin/sh -c #(nop) ADD file:0a1b2c in / ", "ADD file:0a1b2c in /"),
        ("/bin/sh -c #(nop) COPY dir:0a1b in /app ", "COPY dir:0a1b in /app"),
        ("/bin/sh -c #(nop) COPY multi:" + "0a1b2c3d" * 8 + " in /app ", "COPY multi:0a1b2c3d in /app"),
        ("/bin/sh -c apt-get update && rm -rf /x", "RUN apt-get update && rm -rf /x"),
        ("|1 A=b /bin/sh -c make", "RUN make"),
        ("|2 A=b C=two words /bin/sh -c make all", "RUN make all"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |1 A=b /bin/sh -c make # buildkit", "RUN make"),
        ("RUN /bin/bash -o pipefail -c a | b # buildkit", "RUN a | b"),
        ("RUN /bin/bash -eo pipefail -c a | b # buildkit", "RUN a | b"),
        ("/bin/bash -exo pipefail -c a", "RUN a"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("WORKDIR /app", "WORKDIR /app"),
        ('ENTRYPOINT ["/bin/sh" "-c" "x"]', 'ENTRYPOINT ["/bin/sh" "-c" "x"]'),
        ("# debian.sh --arch 'amd64' out/ 'bookworm'", "# debian.sh --arch 'amd64' out/ 'bookworm'"),
        ("RUN echo '# buildkit' is a mark", "RUN echo '# buildkit' is a mark"),
        ("", ""),
    ],
)
def test_instructions_lose_their_builders_decoration(created_by: str, shown: str) -> None:
    assert instruction(created_by) == shown


def test_an_entry_without_instruction_is_told_by_its_comment() -> None:
    assert instruction("", "Imported from -") == "Imported from -"
    assert instruction("COPY a b # buildkit", "buildkit.dockerfile.v0") == "COPY a b"


def test_secrets_in_instructions_are_masked() -> None:
    assert instruction("/bin/sh -c #(nop)  ENV API_TOKEN=hunter2") == f"ENV API_TOKEN={MASK}"
    assert "hunter2" not in instruction("|1 TOKEN=hunter2 /bin/sh -c make")
    assert "hunter2" not in instruction("RUN /bin/sh -c curl https://me:hunter2@example.org/ # buildkit")


@pytest.mark.parametrize("piece", ["a", "a-", "|1 ", "/bin/sh -o ", " ", "token=", "RUN "])
def test_a_hostile_instruction_is_cut(piece: str) -> None:
    assert len(instruction(piece * 300_000)) < 20_000


def test_steps_with_a_size_are_the_layers() -> None:
    history = [
        step("/bin/sh -c #(nop) ADD file:a in / ", 100),
        step('/bin/sh -c #(nop)  CMD ["bash"]'),
        step("WORKDIR /app"),
        step("RUN /bin/sh -c make # buildkit", 20),
    ]
    layers = match_layers(history, ["sha256:a", "sha256:b"], 120)
    assert [(layer.index, layer.diff_id) for layer in layers] == [
        (0, "sha256:a"),
        (None, None),
        (None, None),
        (1, "sha256:b"),
    ]
    assert [layer.size_bytes for layer in layers] == [100, 0, 0, 20]
    assert layers[0].created_at == 1_700_000_000.0


def test_an_empty_step_that_must_be_a_layer_is_one() -> None:
    history = [step("ADD rootfs /", 100), step("ENV A=b"), step("WORKDIR /app"), step("COPY x /", 5)]
    layers = match_layers(history, ["a", "b", "c"], 105)
    assert [(layer.index, layer.diff_id) for layer in layers] == [(0, "a"), (None, None), (1, "b"), (2, "c")]


def test_where_it_cannot_be_known_which_empty_step_is_the_layer_only_the_certain_rows_get_a_digest() -> None:
    history = [
        step("ADD rootfs /", 100),
        step("RUN /bin/sh -c true # buildkit"),
        step("COPY x /", 5),
        step("WORKDIR /app"),
        step("COPY y /", 7),
    ]
    layers = match_layers(history, ["a", "b", "c", "d"], 112)
    assert [layer.index for layer in layers] == [0, 1, 2, None, 3]
    assert [layer.diff_id for layer in layers] == ["a", None, None, None, "d"]


def test_more_layers_than_the_history_tells_of_show_as_one_row() -> None:
    layers = match_layers([step("COPY x /", 5), step("CMD x")], ["a", "b", "c"], 105)
    assert [(layer.index, layer.diff_id, layer.size_bytes) for layer in layers] == [
        (0, None, 5),
        (None, None, 0),
        (None, None, 100),
    ]
    assert layers[-1].instruction == "2 layers that the history does not mention"


def test_an_image_without_history_still_has_its_size() -> None:
    (layer,) = match_layers([], ["a"], 42)
    assert layer.size_bytes == 42
    assert layer.instruction == "1 layer that the history does not mention"


def test_fewer_layers_than_steps_with_a_size_have_no_digests() -> None:
    layers = match_layers([step("COPY x /", 5), step("COPY y /", 5)], ["a"], 10)
    assert [(layer.index, layer.diff_id) for layer in layers] == [(0, None), (None, None)]


STEPS = st.builds(
    step,
    st.sampled_from(["COPY a b", "RUN x", "ENV A=b", "WORKDIR /a", "", "CMD x", "/bin/sh -c #(nop)  USER a"]),
    st.integers(0, 2),
)


@given(st.lists(STEPS, max_size=12), st.integers(0, 12))
def test_every_step_is_kept_and_no_layer_is_named_twice(history: list[Step], count: int) -> None:
    diff_ids = [f"sha256:{number}" for number in range(count)]
    layers = match_layers(history, diff_ids, 100)
    assert [layer.size_bytes for layer in layers[: len(history)]] == [entry.size_bytes for entry in history]
    indexes = [layer.index for layer in layers if layer.index is not None]
    assert indexes == list(range(len(indexes)))
    assert all(layer.diff_id is None or layer.diff_id == diff_ids[layer.index or 0] for layer in layers)
    if len(history) == count and all(entry.size_bytes for entry in history):
        assert [layer.diff_id for layer in layers] == diff_ids
