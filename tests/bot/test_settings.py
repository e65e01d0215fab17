from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bot.settings import Settings, load_settings
from knowledge.errors import SettingsError

DEFAULTS = files("bot").joinpath("default-settings.yaml").read_text(encoding="utf-8")


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "rolewise.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    keys = set()
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            keys |= keys_of(annotation, f"{prefix}{name}.")
        else:
            keys.add(f"{prefix}{name}")
    return keys


def leaves_of(values: dict[str, object], prefix: str = "") -> set[str]:
    keys = set()
    for name, value in values.items():
        keys |= leaves_of(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return keys


def test_the_default_file_says_what_holds_without_one(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, DEFAULTS)) == Settings()


def test_the_default_file_names_every_setting() -> None:
    assert leaves_of(yaml.safe_load(DEFAULTS)) == keys_of(Settings) - {"home"}
    assert "\n# home: " in DEFAULTS
    named = yaml.safe_load(DEFAULTS.replace("\n# home: ", "\nhome: "))
    assert leaves_of(named) == keys_of(Settings)


def test_every_setting_of_the_default_file_has_a_comment() -> None:
    lines = DEFAULTS.splitlines()
    for number, line in enumerate(lines):
        is_setting = line.startswith("  ") and not line.lstrip().startswith("#")
        if is_setting:
            assert lines[number - 1].lstrip().startswith("#"), line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("hmoe: x\n", "there is no setting hmoe. Known here: answers, ", id="unknown"),
        pytest.param(
            "answers:\n  strict: 1\n",
            "there is no setting answers.strict. Known here: answerable_refused, max_characters,",
            id="unknown inside",
        ),
        pytest.param("home: a\nhome: b\n", "line 2: the key 'home' stands twice", id="duplicate"),
        pytest.param(
            "index:\n  model: a\n  batch_size: 2\n  model: b\n",
            "line 4: the key 'model' stands twice",
            id="duplicate inside",
        ),
        pytest.param(
            "answers:\n  max_statements: many\n",
            "answers.max_statements: input should be a valid integer",
            id="mistyped",
        ),
        pytest.param(
            "knowledge:\n  paths: guides\n",
            "knowledge.paths: input should be a list, such as [one, two], found 'guides'.",
            id="one where a list belongs",
        ),
        pytest.param(
            "answers:\n  max_statements: 11\n",
            "answers.max_statements: input should be less than or equal to 10, found 11.",
            id="too large",
        ),
        pytest.param("index: 3\n", "index: ", id="value instead of a section"),
        pytest.param("home: [\n", "line 2: ", id="broken YAML"),
        pytest.param("a: b\n c: d\n", "line 2: ", id="broken indent"),
        pytest.param("just words\n", "must hold settings such as", id="no mapping"),
        pytest.param("- home\n", "must hold settings such as", id="list"),
        pytest.param("home: !!python/name:os.system\n", "line 1: ", id="object of Python"),
        pytest.param(b"home: \xff\n", "is not UTF-8", id="not UTF-8"),
        pytest.param("home: \0\n", "rolewise.yaml", id="control character"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert expected in message
    assert message.startswith(str(path))
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert load_settings(write(tmp_path, text)) == Settings()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no settings file .*gone\.yaml"):
        load_settings(tmp_path / "gone.yaml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings(tmp_path)


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    path = write(folder, "home: here\nknowledge:\n  paths: [guides, /srv/guides]\n")
    monkeypatch.chdir(tmp_path)
    for named in (path, path.relative_to(tmp_path)):
        settings = load_settings(named)
        assert settings.home == folder / "here"
        assert settings.knowledge.paths == (folder / "guides", Path("/srv/guides"))


def test_the_file_of_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()
    write(tmp_path, "answers:\n  max_statements: 2\n")
    assert load_settings().answers.max_statements == 2


def test_the_home_of_the_command_line_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "elsewhere" / "rolewise.yaml"
    path.parent.mkdir()
    path.write_text("home: here\n")
    # What is typed is relative to where it is typed, not to the file.
    assert load_settings(path, home=Path("there")).home == tmp_path / "there"
