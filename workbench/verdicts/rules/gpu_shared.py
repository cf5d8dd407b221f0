"""Others compute on its GPU."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.gpus import UsedGpu
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import figure, listed, name, word

OTHERS_PERCENT = 10.0
"""Of the time for everybody else's kernels on the device: below it they only hold memory."""
FULL_PERCENT = 80.0
"""Of the time with any kernel running: from here on they take turns."""


def look(window: Window) -> Verdict | None:
    """Other containers' kernels take more than 10% of a GPU it uses. MIG slices do not share."""
    shared = [gpu for gpu in window.gpus if _others_percent(gpu) > OTHERS_PERCENT]
    if not window.running or not shared:
        return None
    gpu = max(shared, key=_others_percent)
    names = {each.id: each.name for each in window.situation.neighbours}
    who = [(_called(owner, names), part) for owner, part in gpu.others if part]
    others, index, full = _others_percent(gpu), gpu.newest.index, gpu.utilisation_percent
    crowded = full is not None and full >= FULL_PERCENT
    evidence = [
        figure("everybody else's kernels", f"{percent(others)} of the time", f"more than {percent(OTHERS_PERCENT)}")
    ]
    evidence += [figure(who_, f"{percent(part)} of the time") for who_, part in who[:3]]
    own = gpu.own_sm_percent
    evidence.append(figure("its own kernels", "not measured" if own is None else f"{percent(own)} of the time"))
    if full is not None:
        evidence.append(
            figure(f"GPU {index} busy", f"{percent(full)} of the time", f"full from {percent(FULL_PERCENT)}")
        )
    return Verdict(
        "gpu-shared",
        "act" if crowded else "watch",
        window.confidence(own is None, full is None),
        word(f"GPU {index} shared: others take {others:.0f}%"),
        f"on GPU {index} others' kernels run {others:.0f}% of the time "
        f"({listed([f'{who_} {percent(part)}' for who_, part in who])})"
        + (f", and it is busy {full:.0f}% in all" if full is not None else ""),
        tuple(evidence),
        "give it a GPU of its own: docker run --gpus device=N …; which are free: nvidia-smi",
        others,
    )


def _others_percent(gpu: UsedGpu) -> float:
    return sum(part for _, part in gpu.others if part is not None)


def _called(owner: str, names: dict[str, str]) -> str:
    return name(names.get(owner, owner[:12])) if owner else "what runs in no container"


RULE = Rule("gpu-shared", "GPU shared with others", look)
