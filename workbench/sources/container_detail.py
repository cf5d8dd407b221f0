"""What inspect knows of one container, secrets masked."""

from workbench.measure.arguments import masked_arguments
from workbench.measure.instants import is_never
from workbench.model.containers import ContainerDetail
from workbench.sources.answers import Answer, limit, number, part, parts, text, texts
from workbench.sources.assigned_gpus import assigned_gpus
from workbench.sources.container_state import container_state
from workbench.sources.cpu_limit import cpu_limit_cores
from workbench.sources.environment import environment, masked_pairs


def container_detail(found: Answer, machine_cpus: int) -> ContainerDetail:
    """Read inspect's answer.

    Args:
        found: The answer.
        machine_cpus: Cores of the engine's machine.
    """
    state = part(found, "State")
    config = part(found, "Config")
    host = part(found, "HostConfig")
    name_of_state = container_state(text(state, "Status"))
    return ContainerDetail(
        id=text(found, "Id"),
        name=text(found, "Name").lstrip("/"),
        image=text(config, "Image"),
        image_id=text(found, "Image"),
        state=name_of_state,
        command=masked_arguments((text(found, "Path"), *texts(found, "Args"))),
        user=text(config, "User"),
        working_dir=text(config, "WorkingDir"),
        created=_instant(found, "Created"),
        started=_instant(state, "StartedAt"),
        finished=_instant(state, "FinishedAt"),
        exit_code=number(state, "ExitCode") if name_of_state in {"exited", "dead", "restarting"} else None,
        out_of_memory_killed=state.get("OOMKilled") is True,
        health=_health(state),
        restart_count=number(found, "RestartCount") or 0,
        restart_policy=_restart_policy(part(host, "RestartPolicy")),
        cpu_limit_cores=cpu_limit_cores(host, machine_cpus),
        memory_limit_bytes=limit(host, "Memory"),
        pids_limit=limit(host, "PidsLimit"),
        read_only_root=host.get("ReadonlyRootfs") is True,
        privileged=host.get("Privileged") is True,
        network_mode=text(host, "NetworkMode"),
        ports=_ports(found),
        mounts=_mounts(found),
        environment=environment(texts(config, "Env")),
        labels=masked_pairs((key, value) for key, value in part(config, "Labels").items() if isinstance(value, str)),
        pid=number(state, "Pid") or None,
        cpuset=text(host, "CpusetCpus"),
        shm_size_bytes=limit(host, "ShmSize"),
        tty=config.get("Tty") is True,
        log_driver=text(part(host, "LogConfig"), "Type"),
        gpus=assigned_gpus(found),
    )


def _instant(answer: Answer, key: str) -> str:
    found = text(answer, key)
    return "" if is_never(found) else found


def _health(state: Answer) -> str:
    word = text(part(state, "Health") or part(state, "Healthcheck"), "Status").lower()
    return word if word in {"healthy", "unhealthy", "starting"} else ""


def _restart_policy(policy: Answer) -> str:
    name = text(policy, "Name") or "no"
    most = limit(policy, "MaximumRetryCount")
    return f"{name}:{most}" if most else name


def _ports(found: Answer) -> tuple[str, ...]:
    """Published ports as they are bound, or as they will be when it runs; then those that are only exposed."""
    bound = part(part(found, "NetworkSettings"), "Ports") or part(part(found, "HostConfig"), "PortBindings")
    exposed = dict.fromkeys((*part(part(found, "Config"), "ExposedPorts"), *bound))
    lines = []
    for port in sorted(exposed, key=_port_order):
        bindings = list(parts(bound, port))
        lines += [f"{_address(binding)} → {port}" for binding in bindings] or [port]
    return tuple(lines)


def _port_order(port: str) -> tuple[int, str]:
    number_part = port.partition("/")[0]
    return (int(number_part) if number_part.isdecimal() and len(number_part) < 6 else 1 << 16, port)


def _address(binding: Answer) -> str:
    host = text(binding, "HostIp")
    shown = f"[{host}]" if ":" in host else host or "0.0.0.0"  # noqa: S104  what the engine means by an empty one
    return f"{shown}:{text(binding, 'HostPort') or 'any'}"


def _mounts(found: Answer) -> tuple[str, ...]:
    lines = []
    for mount in parts(found, "Mounts"):
        kind = text(mount, "Type")
        source = text(mount, "Name") if kind == "volume" else text(mount, "Source")
        lines.append(_mount(source or kind, text(mount, "Destination"), writable=mount.get("RW") is not False))
    temporary = part(part(found, "HostConfig"), "Tmpfs")
    for path, options in temporary.items():
        words = options.split(",") if isinstance(options, str) else []
        lines.append(_mount("tmpfs", path, writable="ro" not in words))
    return tuple(lines)


def _mount(source: str, destination: str, *, writable: bool) -> str:
    return f"{source} → {destination}" + ("" if writable else " (ro)")
