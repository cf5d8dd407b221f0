"""What the rules would have said at a moment that has passed."""

from dataclasses import replace

from workbench.history import History
from workbench.judgement import EVENT_SECONDS, WINDOW_SECONDS, Inspect, Judge
from workbench.model.reading import Fresh

MOST_MOMENTS = 30
"""Readings that are judged on: as many as the window has at one a second."""


def judge_at(history: History, inspect: Inspect, moment: float, container_id: str | None) -> Judge:
    """A judge who has heard what was read in the window up to a moment, and nothing since.

    Takes some tens of milliseconds with a hundred containers.

    Args:
        history: What is kept.
        inspect: Asked for the configuration of containers, as for the judge of now: what it was then is not kept.
        moment: Unix time in seconds.
        container_id: Whose processes were looked at.
    """
    judge = Judge(inspect, lambda at: at)
    moments = [*history.moments(moment - WINDOW_SECONDS, moment)][-MOST_MOMENTS:] or [moment]
    for at in moments:
        for name in ("host", "gpu", "focus"):
            value = history.at(name, at, container_id)
            if value is not None:
                judge.hear(name, Fresh(value, at))
        fleet = history.fleet_at(at)
        if fleet is not None:
            events = history.events(moment - EVENT_SECONDS, moment) if at == moments[-1] else ()
            judge.hear("fleet", Fresh(replace(fleet, events=events), at))
    return judge
