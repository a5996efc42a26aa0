"""The project's own files: versions that agree, imports that stay light, a set-up that explains."""

import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# conda-forge's names for what the package index calls otherwise
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def requirements():
    lines = PROJECT["dependencies"] + [
        line for extra in PROJECT["optional-dependencies"].values() for line in extra
    ]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def constraints():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pins}


def environment():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    lines = [line for line in conda["dependencies"] if isinstance(line, str)]
    pip = [line["pip"] for line in conda["dependencies"] if isinstance(line, dict)]
    found = {}
    for line in lines:
        requirement = Requirement(line)
        name = CONDA_NAMES.get(requirement.name, requirement.name)
        found[canonicalize_name(name)] = requirement
    return found, pip


def test_every_requirement_is_pinned_within_its_range():
    pins = constraints()
    for name, requirement in requirements().items():
        assert name in pins, f"{name} is in pyproject.toml and not in constraints.txt"
        assert pins[name] in requirement.specifier, f"{name} {pins[name]} is outside {requirement}"


def test_what_is_installed_here_is_in_range():
    from importlib.metadata import version

    for name, requirement in requirements().items():
        assert version(name) in requirement.specifier


def test_conda_asks_for_the_same_ranges():
    conda, pip = environment()
    assert pip == [["-e ."]]
    conda.pop("pip")
    assert str(conda.pop("python").specifier) == PROJECT["requires-python"]
    wanted = requirements()
    assert wanted.pop("torchtext").specifier == "==0.6.0"  # comes with "-e .", from the index
    assert {name: r.specifier for name, r in conda.items()} == {
        name: r.specifier for name, r in wanted.items()
    }


def test_every_line_of_the_environment_says_why():
    text = (ROOT / "environment.yml").read_text().split("dependencies:\n")[1]
    for line in text.splitlines():
        assert line.strip() == "- pip:" or "  # " in line, line


def test_images_do_not_import_torchtext(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchtext", None)  # an import of it would now fail
    assert importlib.import_module("helpers").Net


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    """tools/set_up.py as a module, at work in a copy of the project that installs nothing."""
    (tmp_path / "tools").mkdir()
    for name in ("pyproject.toml", "constraints.txt", "tools/set_up.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("set_up", tmp_path / "tools" / "set_up.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.steps = []

    def pretend(command, cwd, env):
        module.steps.append(command)
        python = Path(module.PYTHON)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        return 0

    monkeypatch.setattr(module.subprocess, "call", pretend)
    return module


def test_set_up_installs_the_pins_once(set_up):
    set_up.main()
    venv, install = set_up.steps
    assert venv[1:3] == ["-m", "venv"]
    assert install[-4:] == ["-c", "constraints.txt", "-e", ".[lab,test]"]
    set_up.main()
    assert len(set_up.steps) == 2


def test_a_changed_pin_is_installed_into_the_same_environment(set_up):
    set_up.main()
    with open(Path(set_up.ROOT) / "constraints.txt", "a") as file:
        file.write("extra==1.0\n")
    set_up.main()
    assert len(set_up.steps) == 3 and "pip" in set_up.steps[2]


def test_an_interrupted_set_up_starts_again(set_up, monkeypatch):
    set_up.main()
    Path(set_up.STAMP).unlink()
    set_up.main()
    assert [step[2] for step in set_up.steps] == ["venv", "pip", "venv", "pip"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("old", r"Python 3\.8\.18 is too old: 3\.11 or newer is needed"),
        ("full", r"has 2\.0 GB free and the set-up needs \d GB: free some space"),
        ("venv", r"cannot create virtual environments: install its venv package"),
        ("pip", r"creating \.venv failed .*check the network, then run this again"),
        ("filled", r"the disk ran full while creating \.venv: free \d GB"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(set_up, monkeypatch, fault, sentence):
    usage = shutil.disk_usage(set_up.ROOT)._replace(free=int(2e9))
    if fault == "old":
        monkeypatch.setattr(set_up.sys, "version_info", (3, 8, 18))
    elif fault == "full":
        monkeypatch.setattr(set_up.shutil, "disk_usage", lambda _: usage)
    elif fault == "venv":
        monkeypatch.setitem(sys.modules, "ensurepip", None)
    else:
        monkeypatch.setattr(set_up.subprocess, "call", lambda *_, **__: 1)
    if fault == "filled":
        free = iter([int(20e9), 1000])
        monkeypatch.setattr(set_up.shutil, "disk_usage", lambda _: usage._replace(free=next(free)))
    with pytest.raises(SystemExit) as stop:
        set_up.main()
    assert re.search(sentence, str(stop.value)), stop.value
    assert "\n" not in str(stop.value) and not Path(set_up.STAMP).exists()


def test_make_names_a_missing_python():
    result = subprocess.run(
        ["make", "set-up", "PYTHON=no-such-python"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "there is no no-such-python here; install Python 3.11 or newer" in result.stderr
