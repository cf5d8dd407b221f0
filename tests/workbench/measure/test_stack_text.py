"""All stacks of a process as lines."""

import json

from workbench.measure.stack_text import stack_lines


def test_threads_with_their_calls_innermost_first() -> None:
    frame = {"name": "price", "filename": "/app/a.py", "line": 7, "locals": [{"name": "n", "repr": "3"}]}
    outer = {"name": "<module>", "filename": "/app/a.py", "line": 9, "locals": None}
    threads = [
        {
            "pid": 1,
            "os_thread_id": 1,
            "thread_name": "Main",
            "active": True,
            "owns_gil": True,
            "frames": [frame, outer],
        },
        {"pid": 1, "os_thread_id": 8, "thread_name": None, "active": False, "owns_gil": False, "frames": []},
    ]
    assert list(stack_lines(json.dumps(threads).encode())) == [
        "process 1 thread 1 Main: active, holds the lock",
        "    price (/app/a.py:7)",
        "        n = 3",
        "    <module> (/app/a.py:9)",
        "process 1 thread 8: idle",
    ]
