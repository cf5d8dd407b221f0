"""Works through the queue until SIGTERM, or for a number of jobs."""

import argparse
import hashlib
import signal
import threading

from leaky_worker import events, invoices, queue

TELL_EVERY = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="leaky_worker", description="Renders the invoices of a small bookshop.")
    parser.add_argument("--jobs", type=int, default=0, help="how many, then end (default: until SIGTERM)")
    parser.add_argument("--pause", type=float, default=0.01, help="seconds between two jobs")
    options = parser.parse_args()

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    digest, done = hashlib.sha256(), 0
    for order in queue.orders():
        digest.update(invoices.work(order).encode())
        done += 1
        if done % TELL_EVERY == 0:
            print(f"{done} invoices", flush=True)
        if done == options.jobs or stopping.wait(options.pause):
            break
    events.tell_closing()
    print(f"leaky_worker has stopped after {done} invoices: {digest.hexdigest()[:16]}", flush=True)


if __name__ == "__main__":
    main()
