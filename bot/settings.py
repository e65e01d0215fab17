"""The settings file: read here alone, refused with the place of what is wrong."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.community.settings import DiscordSettings
from index.settings import IndexSettings
from knowledge.errors import SettingsError
from knowledge.settings import KnowledgeSettings
from knowledge.strict_yaml import read_yaml

DEFAULT_FILE_NAME = "rolewise.yaml"


class AnswerSettings(BaseModel):
    """What an owner may set about answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_statements: int = Field(default=6, ge=1, le=10)
    max_characters: int = Field(default=700, ge=100, le=4_000)
    answerable_refused: float = Field(default=0.122, ge=0.0, le=0.5)


class Settings(BaseModel):
    """Everything that an owner may set; each layer defines its own part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("rolewise"))
    knowledge: KnowledgeSettings = KnowledgeSettings()
    index: IndexSettings = IndexSettings()
    answers: AnswerSettings = AnswerSettings()
    discord: DiscordSettings = DiscordSettings()


def find_settings_file(path: Path | None = None) -> Path | None:
    """Return the settings file: the one named, else rolewise.yaml in the working folder, if any."""
    default = Path(DEFAULT_FILE_NAME)
    return path or (default if default.is_file() else None)


def load_settings(path: Path | None = None, *, home: Path | None = None) -> Settings:
    """Read the settings file, or take the defaults where there is none.

    Args:
        path: The file; without it, rolewise.yaml in the working folder if there is one.
        home: Takes the place of the file's home.

    Raises:
        SettingsError: the file is missing, not YAML, or says something unknown or impossible.
    """
    path = find_settings_file(path)
    values = {} if path is None else _read(path)
    folder = Path() if path is None else path.parent
    if home is not None:
        values["home"] = str(home.absolute())
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(path, error)) from error
    knowledge = settings.knowledge.model_copy(
        update={"paths": tuple(_resolve(folder, item) for item in settings.knowledge.paths)}
    )
    return settings.model_copy(
        update={"home": _resolve(folder, settings.home), "knowledge": knowledge}
    )


def _resolve(folder: Path, path: Path) -> Path:
    """Paths in a settings file are relative to the file."""
    return (folder / path.expanduser()).absolute()


def _read(path: Path) -> dict[str, object]:
    _, values = read_yaml(path, SettingsError, called="settings file")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(
            f"{path} must hold settings such as 'home: …', not a single value or a list."
        )
    return {str(key): value for key, value in values.items()}


def _explain(path: Path | None, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    where = f"{path}: " if path else ""
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(_model_at(first["loc"][:-1]).model_fields))
        return f"{where}there is no setting {key}. Known here: {known}."
    found = repr(first["input"])
    found = found if len(found) <= 60 else f"{found[:60]}…"
    message = first["msg"][0].lower() + first["msg"][1:]
    # A list of YAML becomes a tuple of Python, which is no word of the file's.
    message = message.replace("a valid tuple", "a list, such as [one, two]")
    return f"{where}{key}: {message}, found {found}."


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the settings that stand under a dotted place."""
    model: type[BaseModel] = Settings
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return model
