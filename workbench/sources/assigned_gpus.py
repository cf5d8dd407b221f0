"""Which GPUs a container was given, whether or not it uses them."""

import re
from collections.abc import Iterator

from workbench.sources.answers import Answer, number, part, parts, text, texts

MOST_GPUS = 64
_VISIBLE = "NVIDIA_VISIBLE_DEVICES="
_NONE = frozenset(("", "none", "void"))
_DEVICE_FILE = re.compile(r"/dev/nvidia(\d{1,3})", re.ASCII)


def assigned_gpus(found: Answer) -> tuple[str, ...]:
    """Indexes, UUIDs or `all`, in the order that inspect has them.

    Of a request (`--gpus`, or a device of the container device interface), else of the variable that NVIDIA's runtime
    reads (images set it for themselves, so without that runtime it says nothing), and of device files.
    """
    host = part(found, "HostConfig")
    names = [name for request in parts(host, "DeviceRequests") for name in _requested(request)]
    if not names and "nvidia" in text(host, "Runtime"):
        given = [each for each in texts(part(found, "Config"), "Env") if each.startswith(_VISIBLE)]
        names = [name for value in given[-1:] for name in value.removeprefix(_VISIBLE).split(",")]
    names += [
        match[1]
        for device in parts(host, "Devices")
        if (match := _DEVICE_FILE.fullmatch(text(device, "PathOnHost"))) is not None
    ]
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip() not in _NONE))[:MOST_GPUS]


def _requested(request: Answer) -> Iterator[str]:
    capabilities = request.get("Capabilities")
    asked = (
        {word for each in capabilities if isinstance(each, list) for word in each if isinstance(word, str)}
        if (isinstance(capabilities, list))
        else set()
    )
    if "gpu" not in asked and text(request, "Driver") not in {"nvidia", "cdi"}:
        return
    identities = texts(request, "DeviceIDs")
    for identity in identities:
        kind, is_cdi, device = identity.rpartition("=")
        if not is_cdi:
            yield identity
        elif kind == "nvidia.com/gpu":
            yield device
    count = number(request, "Count") or 0
    if not identities and count:
        # The engine hands out the first ones there are
        yield from (("all",) if count < 0 else map(str, range(min(count, MOST_GPUS))))
