"""Libraries tell nobody of their use: ONNX Runtime would, from the moment that it is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("first", "is_told"), [("index", False), ("json", True)])
def test_onnx_runtime_keeps_no_record_of_its_use(first: str, is_told: bool, tmp_path: Path) -> None:
    # Nothing else: where it finds itself in a build farm, it tells nothing either.
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    subprocess.run(
        [sys.executable, "-c", f"import {first}, onnxruntime"],
        env=environment | {"HOME": str(tmp_path)},
        check=True,
    )
    # The second case shows that the first one can fail.
    assert any(path.is_file() for path in tmp_path.rglob("*")) is is_told
