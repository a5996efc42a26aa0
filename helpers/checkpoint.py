"""Everything a stopped training run needs in order to go on, in one file."""

from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

State = dict[str, torch.Tensor]


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None,
    generator: torch.Generator | None,
    history: dict[str, list[float]],
    best: State,
) -> None:
    """Write the state of a run to `path`, replacing an older one only once the new one is complete.

    `generator` is the one that shuffles the training data, `best` the weights of the best epoch so far.
    Explained in notebook 04.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict() if scheduler else None,
        "shuffling": generator.get_state() if generator else None,
        "random": torch.get_rng_state(),
        "history": history,
        "best": best,
    }
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None,
    generator: torch.Generator | None,
) -> tuple[dict[str, list[float]], State]:
    """Put a saved state back into the objects given; return the history and the best weights.

    A missing file is a FileNotFoundError. A file that is no checkpoint, or one of another model, optimizer
    or schedule, is a ValueError, and then nothing was changed. Of the random states, those of the CPU are
    kept; a model that draws random numbers on a GPU (dropout) draws others. Explained in notebook 04.
    """
    if path is None or not Path(path).exists():
        raise FileNotFoundError(
            f"there is no checkpoint {path}; train with checkpoint=... first, or without resume"
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        saved = {name: tuple(tensor.shape) for name, tensor in state["model"].items()}
        groups = [sorted(group) for group in state["optimizer"]["param_groups"]]
        steps = (state["scheduler"] or {}).get("total_steps")
        complete = {"shuffling", "random", "history", "best"} <= state.keys()
    except Exception as error:  # torch raises different types for different kinds of damage
        raise ValueError(
            f"{path} is not a checkpoint that fit() wrote ({type(error).__name__})"
        ) from error
    if not complete:
        raise ValueError(f"{path} is not a checkpoint that fit() wrote (parts are missing)")
    check_same_model(saved, model, path)
    if (state["scheduler"] is None) != (scheduler is None):
        raise ValueError(
            f"{path} was written {'with' if scheduler is None else 'without'} a learning-rate schedule"
        )
    if groups != [sorted(group) for group in optimizer.state_dict()["param_groups"]]:
        raise ValueError(
            f"{path} was written with another optimizer than {type(optimizer).__name__}"
        )
    if scheduler is not None and steps != scheduler.state_dict().get("total_steps"):
        raise ValueError(
            f"{path} was written with a schedule of {steps} steps; this one has "
            f"{scheduler.state_dict().get('total_steps')}. Resume with the same number of epochs"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    if scheduler is not None:
        scheduler.load_state_dict(state["scheduler"])
    if generator is not None and state["shuffling"] is not None:
        generator.set_state(state["shuffling"])
    torch.set_rng_state(state["random"])
    return state["history"], state["best"]


def check_same_model(there: dict[str, tuple[int, ...]], model: nn.Module, path: Path) -> None:
    """Raise a ValueError that names the first difference unless the saved shapes are those of `model`."""
    here = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            given, expected = there.get(name, "missing"), here.get(name, "unknown")
            raise ValueError(
                f"{path} belongs to another model: "
                f"{name} is {given} in the file and {expected} in this {type(model).__name__}"
            )
