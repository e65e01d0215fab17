import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "index": {"index", "knowledge"},
    "bot": {"bot", "index", "knowledge"},
}
OURS = {*MAY_IMPORT, "tests", "benchmarks"}
HEAVY = ["torch", "transformers", "sentence_transformers", "faiss", "numpy", "discord", "pydantic"]


def imported_by(source: str) -> set[str]:
    """Return the top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(f".{node.module}" if node.level else (node.module or "").partition(".")[0])
    return found


def test_imports_are_seen_wherever_they_stand() -> None:
    source = "import bot.cli as cli\ndef f():\n    if True:\n        from index.home import Home\n"
    assert imported_by(source) == {"bot", "index"}
    assert imported_by("from . import x") == {".None"}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_imports_run_one_way(layer: str) -> None:
    paths = sorted((ROOT / layer).rglob("*.py"))
    assert paths
    for path in paths:
        imported = imported_by(path.read_text(encoding="utf-8"))
        assert not {name for name in imported if name.startswith(".")}, f"relative: {path}"
        assert imported & OURS <= MAY_IMPORT[layer], path


def test_the_command_imports_nothing_heavy() -> None:
    script = f"import bot.cli, json, sys; print(json.dumps(sorted({HEAVY} & sys.modules.keys())))"
    script = script.replace(str(HEAVY), f"set({HEAVY})")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    "module",
    ["index.build", "index.searching.search", "index.snapshots.snapshot", "index.encoding.encoder"],
)
def test_engines_are_imported_where_they_are_first_used(module: str) -> None:
    script = f"import {module}, json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    engines = {"torch", "transformers", "sentence_transformers", "faiss", "bm25s", "discord"}
    assert not engines & set(json.loads(done.stdout))
