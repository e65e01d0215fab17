import os
from pathlib import Path

import pytest

from index.cores import count_cores

_V2 = "0::/system.slice/bot.service\n"
_V1 = "4:memory:/docker/0a\n3:cpu,cpuacct:/docker/0a\n0::/docker/0a\n"


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        pytest.param({}, 8, id="no groups at all"),
        pytest.param({"cpu.max": "max 100000\n"}, 8, id="no limit"),
        pytest.param({"cpu.max": "200000 100000\n"}, 2, id="two cores"),
        pytest.param({"cpu.max": "150000 100000\n"}, 1, id="one and a half"),
        pytest.param({"cpu.max": "25000 100000\n"}, 1, id="a quarter"),
        pytest.param({"cpu.max": "9900000 100000\n"}, 8, id="more than there are"),
        pytest.param({"system.slice/cpu.max": "300000 100000"}, 3, id="of the group above"),
        pytest.param(
            {"system.slice/cpu.max": "300000 100000", "cpu.max": "500000 100000"}, 3, id="the least"
        ),
        pytest.param({"system.slice/bot.service/cpu.max": "400000 100000"}, 4, id="its own"),
        pytest.param({"cpu.max": "nonsense\n"}, 8, id="unreadable"),
        pytest.param({"cpu.max": "100000 0\n"}, 8, id="no period"),
    ],
)
def test_limits_of_control_groups(files: dict[str, str], cores: int, tmp_path: Path) -> None:
    write(tmp_path, {"proc/self/cgroup": _V2})
    write(tmp_path / "sys/fs/cgroup", files)
    assert count_cores(tmp_path) == cores


@pytest.mark.parametrize(
    ("folder", "quota", "cores"),
    [
        pytest.param("cpu,cpuacct/docker/0a", "300000", 3, id="by its name"),
        pytest.param("cpu,cpuacct", "200000", 2, id="from inside"),
        pytest.param("cpu", "100000", 1, id="a link"),
        pytest.param("cpu,cpuacct/docker/0a", "-1", 8, id="no limit"),
    ],
)
def test_limits_of_older_control_groups(
    folder: str, quota: str, cores: int, tmp_path: Path
) -> None:
    write(tmp_path, {"proc/self/cgroup": _V1})
    files = {"cpu.cfs_quota_us": quota, "cpu.cfs_period_us": "100000\n"}
    write(tmp_path / "sys/fs/cgroup" / folder, files)
    assert count_cores(tmp_path) == cores


@pytest.mark.parametrize(
    ("wanted", "cores"), [("3", 3), ("1", 1), ("99", 8), ("0", 8), ("", 8), ("4,2", 8), ("-1", 8)]
)
def test_fewer_may_be_asked_for(
    wanted: str, cores: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    assert count_cores(tmp_path) == cores


def test_the_cores_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert count_cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert count_cores(tmp_path) == 1
