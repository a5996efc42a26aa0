"""Create .venv and install the pinned versions into it; do nothing when that is done already.

`make` calls this with whatever python3 the machine has, so it must at least start on an old one.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "set-up-for.txt")
PYTHON = (
    os.path.join(VENV, "Scripts", "python.exe")
    if os.name == "nt"
    else os.path.join(VENV, "bin", "python")
)
OLDEST = (3, 11)
# Linux wheels of torch bring the CUDA libraries along: 5.4 GB installed, and the downloads beside them.
GIGABYTES = 9 if sys.platform.startswith("linux") else 3


def main():
    # An environment that moved, or belongs to another Python, is made anew; else pip only adds what changed.
    place = repr((ROOT, sys.version_info[:2]))
    packages = checksum("pyproject.toml", "constraints.txt")
    done = read_stamp() if os.path.exists(PYTHON) else []
    if done == [place, packages]:
        return
    check_machine(GIGABYTES if done[:1] != [place] else 1)
    # Without PYTHONPATH and the like, which would make pip believe that things are installed already.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    if done[:1] != [place]:
        print("Setting up .venv: once, a few minutes, {} GB with the downloads".format(GIGABYTES))
        sys.stdout.flush()
        shutil.rmtree(VENV, ignore_errors=True)
        step([sys.executable, "-m", "venv", VENV], environment, "creating .venv")
    install = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    install += ["-c", "constraints.txt", "-e", ".[lab,test]"]
    step(install, environment, "installing the packages")
    with open(STAMP, "w") as file:
        file.write(place + "\n" + packages)


def checksum(*names):
    digest = hashlib.sha256()
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read_stamp():
    if not os.path.exists(STAMP):
        return []
    with open(STAMP) as file:
        return file.read().split("\n")


def check_machine(gigabytes):
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        stop(
            "Python {} is too old: 3.11 or newer is needed. If you have one, name it: "
            "make PYTHON=python3.12 ...".format(found)
        )
    try:
        import ensurepip  # noqa: F401  (Debian and Ubuntu package it apart from Python)
        import venv  # noqa: F401
    except ImportError:
        stop(
            "this Python cannot create virtual environments: install its venv package "
            "(Debian, Ubuntu: apt install python3-venv)."
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < gigabytes:
        stop(
            "{} has {:.1f} GB free and the set-up needs {} GB: free some space, then run this again.".format(
                ROOT, free, gigabytes
            )
        )


def step(command, environment, what):
    code = subprocess.call(command, cwd=ROOT, env=environment)
    if code == 0:
        return
    if shutil.disk_usage(ROOT).free < 0.5e9:
        stop("the disk ran full while {}: free {} GB, then run this again.".format(what, GIGABYTES))
    stop("{} failed (the reason is above): check the network, then run this again.".format(what))


def stop(sentence):
    sys.exit("set-up stopped: " + sentence)


if __name__ == "__main__":
    main()
