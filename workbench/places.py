"""Where the workbench keeps its files: the XDG directories. Nothing here creates one."""

from pathlib import Path

_NAME = "workbench"


def config_dir() -> Path:
    """Settings: `$XDG_CONFIG_HOME/workbench`."""
    import platformdirs  # 27 ms, and `--help` does not need it

    return platformdirs.user_config_path(_NAME)


def data_dir() -> Path:
    """What must outlive everything else, runs and artifacts: `$XDG_DATA_HOME/workbench`."""
    import platformdirs

    return platformdirs.user_data_path(_NAME)


def cache_dir() -> Path:
    """What can be made again: `$XDG_CACHE_HOME/workbench`."""
    import platformdirs

    return platformdirs.user_cache_path(_NAME)


def state_dir() -> Path:
    """Logs and what was open last: `$XDG_STATE_HOME/workbench`."""
    import platformdirs

    return platformdirs.user_state_path(_NAME)


def settings_file() -> Path:
    """The settings that are read when no other file is named."""
    return config_dir() / "config.toml"


def recordings_dir() -> Path:
    """Sessions that were recorded from the screens."""
    return data_dir() / "recordings"


def bundles_dir() -> Path:
    """Incident bundles."""
    return data_dir() / "bundles"


def store_file() -> Path:
    """The store of runs; its artifacts lie beside it."""
    return data_dir() / "runs.db"
