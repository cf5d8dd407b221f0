"""py-spy's own words, as it wrote them."""

import pytest

from workbench.profilers.py_spy.said import understand

WROTE = (
    b"\x1b[32m\x1b[1mpy-spy\x1b[0m\x1b[2m>\x1b[0m Sampling process 100 times a second for 1 seconds. Press Control-C "
    b"to exit.\r\n\r\n\x1b[32m\x1b[1mpy-spy\x1b[0m\x1b[2m>\x1b[0m 1.19s behind in sampling, results may be inaccurate. "
    b"Try reducing the sampling rate\r\n\x1b[32m\x1b[1mpy-spy\x1b[0m\x1b[2m>\x1b[0m Wrote raw flamegraph data to "
    b"'/out/1'. Samples: 103 Errors: 2\r\n"
)


def test_samples_and_delay() -> None:
    said = understand(WROTE, 1)
    assert (said.samples, said.errors, said.behind_seconds, said.reason) == (103, 2, 1.19, "")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (b"Error: Failed to find python version from target process", "process 7 is no Python that py-spy knows"),
        (b"Permission Denied\r\n\r\nIt looks like", "the kernel does not let py-spy look into process 7"),
        (b"Error: No such process (os error 3)", "process 7 has ended"),
        (b"Error: \x1b[31msomething \x07else\r\nmore", "py-spy says: something ␇else"),
        (b"", ""),
    ],
)
def test_reasons(output: bytes, reason: str) -> None:
    assert understand(output, 7).reason == reason
