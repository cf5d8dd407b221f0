"""The GPUs that a container was given."""

from typing import Any

import pytest

from workbench.sources.assigned_gpus import assigned_gpus

GPU = [["gpu"]]


@pytest.mark.parametrize(
    ("host", "variables", "gpus"),
    [
        ({"DeviceRequests": [{"Count": -1, "Capabilities": GPU}]}, [], ("all",)),
        ({"DeviceRequests": [{"Count": 2, "Capabilities": GPU}]}, [], ("0", "1")),
        ({"DeviceRequests": [{"DeviceIDs": ["1", "GPU-5"], "Capabilities": GPU}]}, [], ("1", "GPU-5")),
        ({"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=all", "x.io/fpga=0"]}]}, [], ("all",)),
        ({"DeviceRequests": [{"Count": -1, "Capabilities": [["fpga"]]}]}, [], ()),
        ({"Runtime": "nvidia"}, ["NVIDIA_VISIBLE_DEVICES=0, MIG-1"], ("0", "MIG-1")),
        ({"Runtime": "nvidia"}, ["NVIDIA_VISIBLE_DEVICES=void"], ()),
        ({"Runtime": "runc"}, ["NVIDIA_VISIBLE_DEVICES=all"], ()),
        ({"Devices": [{"PathOnHost": "/dev/nvidia3"}, {"PathOnHost": "/dev/nvidiactl"}]}, [], ("3",)),
        ({"DeviceRequests": [{"Count": 10**9, "Capabilities": GPU}]}, [], tuple(map(str, range(64)))),
        ({"DeviceRequests": None, "Devices": None}, [], ()),
        ({"DeviceRequests": [{"Count": "x", "Capabilities": [5, "gpu"]}]}, [], ()),
    ],
)
def test_every_way_to_be_given_one(host: dict[str, Any], variables: list[str], gpus: tuple[str, ...]) -> None:
    assert assigned_gpus({"HostConfig": host, "Config": {"Env": variables}}) == gpus
