"""The three scales of data, where data is kept, and the first line of every notebook."""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import torch

SCALES = ("sample", "subset", "full")


def set_up(data: str, seed: int = 0) -> torch.device:
    """Seed torch, choose the device, say which, and return it.

    `data` is one of "sample", "subset" and "full"; anything else is a ValueError. On the sample torch
    computes with one thread, so that the numbers are the same on every machine of a kind. Figures
    get colours that colour-blind readers can tell apart. Used at the top of every notebook.
    """
    check_scale(data)
    torch.manual_seed(seed)
    if data == "sample":
        torch.set_num_threads(1)
    plt.style.use("tableau-colorblind10")
    device = pick_device()
    print(f"data: {data}, device: {device}")
    return device


def pick_device() -> torch.device:
    """The accelerator if this machine has one, else the CPU. See notebook 00.

    The environment variable PYTORCH_IN_PRACTICE_DEVICE overrules the choice ("cpu", "cuda", "mps").
    """
    wanted = os.environ.get("PYTORCH_IN_PRACTICE_DEVICE")
    if wanted:
        return torch.device(wanted)
    if torch.accelerator.is_available():
        return torch.device(torch.accelerator.current_accelerator().type)
    return torch.device("cpu")


def check_scale(data: str) -> None:
    """Raise a ValueError unless `data` is the name of a scale."""
    if data not in SCALES:
        raise ValueError(f'DATA is {data!r}; expected "sample", "subset" or "full"')


def data_root() -> Path:
    """The folder that holds all data: PYTORCH_IN_PRACTICE_DATA, else `data/` in the repository.

    When `helpers` is installed without the repository, as in Colab, it is `data/` in the working folder.
    """
    chosen = os.environ.get("PYTORCH_IN_PRACTICE_DATA")
    if chosen:
        return Path(chosen).expanduser().resolve()
    repository = Path(__file__).resolve().parent.parent
    home = repository if (repository / "pyproject.toml").exists() else Path.cwd()
    return home / "data"
