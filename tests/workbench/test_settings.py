"""The settings file: what it accepts, and what it says when it does not."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from workbench import places
from workbench.errors import SettingsError
from workbench.settings import CiRules, Settings, Thresholds, load


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration directory that is the user's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "config.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def refusal(file: Path | None, **overrides: object) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(file, overrides)
    assert caught.value.exit_code == 2
    return caught.value


def test_without_a_file_everything_has_its_default(home: Path) -> None:
    assert load(None, {}) == Settings()
    assert list(home.iterdir()) == []


def test_the_usual_file_is_the_xdg_one(home: Path) -> None:
    (home / "workbench").mkdir()
    (home / "workbench" / "config.toml").write_text('theme = "nord"')
    assert places.settings_file() == home / "workbench" / "config.toml"
    assert load(None, {}).theme == "nord"


def test_every_place_follows_its_xdg_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    assert places.config_dir() == tmp_path / "CONFIG" / "workbench"
    assert places.store_file() == tmp_path / "DATA" / "workbench" / "runs.db"
    assert places.cache_dir() == tmp_path / "CACHE" / "workbench"
    assert places.state_dir() == tmp_path / "STATE" / "workbench"
    assert list(tmp_path.iterdir()) == []


def test_every_key_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        interval = 5
        theme = "gruvbox"
        calm = true
        colours = "16"
        read_only = true
        context = "gpu-box"
        price_book = "prices.toml"
        [keys]
        "fleet.sort" = "o"
        [keys.app]
        quit = "ctrl+q"
        [thresholds]
        cpu_watch = 50
        cpu_act = 60.5
        memory_watch = 1
        memory_act = 2
        [ci]
        max_size = "1.5GB"
        max_growth = "5%"
        max_findings_high = 0
        """,
    )
    assert load(file, {}) == Settings(
        interval=5.0,
        theme="gruvbox",
        calm=True,
        colours="16",
        read_only=True,
        context="gpu-box",
        price_book="prices.toml",
        keys={"fleet.sort": "o", "app.quit": "ctrl+q"},
        thresholds=Thresholds(50.0, 60.5, 1.0, 2.0),
        ci=CiRules(max_size="1.5GB", max_growth="5%", max_findings_high=0.0),
    )


def test_a_typed_value_wins_and_an_untyped_one_does_not(tmp_path: Path) -> None:
    file = written(tmp_path, 'interval = 5\ntheme = "nord"\ncontext = "a"')
    settings = load(file, {"interval": 0.5, "theme": None, "context": "b", "calm": None})
    assert (settings.interval, settings.theme, settings.context) == (0.5, "nord", "b")


@pytest.mark.parametrize(
    ("text", "overrides", "interval"),
    [
        ("", {}, 1.0),
        ("calm = true", {}, 2.0),
        ("", {"calm": True}, 2.0),
        ("calm = true\ninterval = 0.5", {}, 0.5),
        ("calm = true", {"interval": 0.3}, 0.3),
        ("calm = true\ninterval = 30", {}, 30.0),
    ],
)
def test_calm_slows_down_unless_the_pace_was_chosen(
    tmp_path: Path, text: str, overrides: dict[str, object], interval: float
) -> None:
    assert load(written(tmp_path, text), overrides).interval == interval


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("intervall = 1", "there is no setting intervall", "did you mean interval?"),
        ("pricebook = 1", "there is no setting pricebook", "did you mean price_book?"),
        ("cpu_watch = 1", "there is no setting cpu_watch", "did you mean thresholds.cpu_watch?"),
        ("[threshold]\ncpu_act=1", "there is no setting threshold", "did you mean thresholds?"),
        ("[thresholds]\ncpu_wach=1", "there is no setting thresholds.cpu_wach", "thresholds.cpu_watch?"),
        ('colours = "pink"', "colours is text in quotes, 'pink'", "it may be 16, 256, truecolor"),
        ("zzzzzz = 1", "there is no setting zzzzzz", "the settings are interval, theme"),
        ('interval = "1"', "interval is text in quotes, '1', expected a number", "interval = 1"),
        (f'interval = "{"x" * 500}"', "xxx…, expected a number", ""),
        (f"{'x' * 500} = 1", "there is no setting xxx", ""),
        ("\ufefftheme = 5", "theme is a number", ""),
        ("interval = true", "interval is true or false, expected a number", "interval = 1"),
        ("theme = 5", "theme is a number, 5, expected text in quotes", 'theme = ""'),
        ("theme = 1979-05-27", "theme is a date or time, expected text in quotes", ""),
        ("calm = 1", "calm is a number, 1, expected true or false", "calm = false"),
        ("calm = []", "calm is a list, expected true or false", ""),
        ("interval = 0.1", "interval is 0.1, expected 0.2 to 60", ""),
        ("interval = 61", "interval is 61, expected 0.2 to 60", ""),
        ("interval = nan", "interval is nan, expected 0.2 to 60", ""),
        ("interval = inf", "interval is inf, expected 0.2 to 60", ""),
        (f"interval = 1{'0' * 400}", "expected 0.2 to 60", ""),
        (f"interval = 1{'0' * 5000}", "thousands of digits", ""),
        ("[thresholds]\ncpu_act = 101", "thresholds.cpu_act is 101, expected 0 to 100", ""),
        ("[thresholds]\nmemory_watch = -1", "thresholds.memory_watch is -1, expected 0 to 100", ""),
        ("[thresholds]\ncpu_watch = 95", "thresholds.cpu_watch is 95 and thresholds.cpu_act is 90", "above"),
        ("[thresholds]\nmemory_act = 5", "memory_watch is 80 and thresholds.memory_act is 5", "above"),
        ("thresholds = 5", "thresholds is a number, 5, expected a table", "[thresholds]"),
        ("keys = 5", "keys is a number, 5, expected a table", "[keys]"),
        ('[keys]\n"fleet.sort" = 5', "keys.fleet.sort is a number, 5, expected a key", "ctrl+o"),
        ('[keys]\n"fleet.sort" = ""', "keys.fleet.sort names no key", "ctrl+o"),
        ('[keys]\n"fleet.sort" = "\\u001b"', "keys.fleet.sort names no key", "ctrl+o"),
        ('[keys]\n"a.b" = "x"\n[keys.a]\nb = "y"', "keys.a.b is given twice", "leave out"),
        ("theme = nord", "line 1, column 9: Invalid value", "quotes"),
        ('[ci]\nmax_size = "10%"', "ci.max_size: '10%' is no size such as 20MB", 'max_size = "200MB"'),
        ('[ci]\nmax_wasted = "much"', "ci.max_wasted: 'much' is no size", "200MB"),
        ("[ci]\nmax_findings_high = -2", "ci.max_findings_high is -2, expected -1 to", "= -1"),
        ("[ci]\nmax_sise = 1", "there is no setting ci.max_sise", "did you mean ci.max_size?"),
        ("ci = 1", "ci is a number, 1, expected a table", "[ci]"),
        ('interval = 1\n\ntheme = "nord', "line 3: ", "quotes"),
        ("interval = 1\ninterval = 2", "line 2: Cannot overwrite a value", ""),
        (b'theme = "nord"\ncontext = "\xff"', "line 2: not UTF-8", "UTF-8"),
        ("keys = " + "[" * 100_000, "nested too deeply", ""),
        (b"#" * 1_000_001, "larger than any settings file", "--config"),
    ],
)
def test_a_wrong_file_is_named_with_the_key_and_the_cure(
    tmp_path: Path, text: str | bytes, reason: str, hint: str
) -> None:
    file = written(tmp_path, text)
    error = refusal(file)
    assert str(file) in error.reason
    assert reason in error.reason
    assert hint in error.hint
    assert len(error.reason) < len(str(file)) + 120


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"interval": 0.0}, "--interval is 0.0, expected 0.2 to 60"),
        ({"interval": float("nan")}, "--interval is nan, expected 0.2 to 60"),
        ({"price_book": 3}, "--price-book is a number, 3, expected text in quotes"),
        ({"colour": "x"}, "--colour: there is no setting colour"),
    ],
)
def test_a_wrong_typed_value_is_named_as_it_was_typed(home: Path, overrides: dict[str, object], reason: str) -> None:
    assert refusal(None, **overrides).reason == reason


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.toml").reason == f"there is no settings file {tmp_path / 'nowhere.toml'}"


def test_a_folder_is_not_a_settings_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in refusal(tmp_path).reason


def test_an_endless_file_is_not_read_to_its_end() -> None:
    assert "larger than any settings file" in refusal(Path("/dev/zero")).reason


def example() -> str:
    return (files("workbench") / "config.example.toml").read_text(encoding="utf-8")


def test_the_shipped_example_changes_nothing_as_it_is(tmp_path: Path) -> None:
    assert load(written(tmp_path, example()), {}) == Settings()


def test_the_shipped_example_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    uncommented = "\n".join(
        line[1:] if line.startswith("#") and line[1:2].strip() else line for line in example().splitlines()
    )
    assert load(written(tmp_path, uncommented), {}) == Settings()
    shown: dict[str, Any] = tomllib.loads(uncommented)
    assert shown.keys() == Settings.__dataclass_fields__.keys()
    assert shown["thresholds"].keys() == Thresholds.__dataclass_fields__.keys()
    assert shown["ci"].keys() == CiRules.__dataclass_fields__.keys()
