"""One job: an order becomes an invoice."""

from leaky_worker import events, layouts
from leaky_worker.queue import Order


class Job:
    """Renders an invoice; gives up when the worker closes in the midst of it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.document = ""
        self.closing = False
        events.subscribe(self.close)

    def close(self) -> None:
        self.closing = True

    def run(self) -> str:
        self.document = self.render()
        return self.document

    def render(self) -> str:
        lines = []
        for book in self.order.books:
            if self.closing:
                break
            lines.append(f"{self.order.number:>8}  book {book:>5}  {price(book):>7.2f}".ljust(1_000))
        lines.append(layouts.layout(self.order.country)[-100:])
        return "".join(lines)


def price(book: int) -> float:
    return (book * 37 % 4000 + 500) / 100


def work(order: Order) -> str:
    job = Job(order)
    return job.run()
