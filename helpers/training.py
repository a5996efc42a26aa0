"""The training loop of notebook 04, for use in the others."""

import copy
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from tqdm.auto import tqdm

from helpers.checkpoint import load_checkpoint, save_checkpoint
from helpers.images import check_classes

History = dict[str, list[float]]


def train_one_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    device: torch.device | str = "cpu",
    clip: float | None = None,
) -> tuple[float, float]:
    """One pass over `batches`; returns the mean loss and the accuracy, both over all examples seen.

    Labels are int64 from 0 to the number of logits less one, else a ValueError. `scheduler` steps once a
    batch; `clip` is the largest norm that the gradient may have. Written out in notebook 04.
    """
    model.train()
    loss_sum, correct, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    for inputs, labels in batches:
        logits = model(inputs.to(device))
        check_classes(labels, logits.shape[1])
        labels = labels.to(device)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        # Sums stay on the device: reading a number back would make a GPU wait after every batch.
        loss_sum += loss.detach() * len(labels)
        correct += (logits.argmax(1) == labels).sum()
        seen += len(labels)
    if seen == 0:
        raise ValueError("the loader gave no batch; expected at least one")
    return loss_sum.item() / seen, correct.item() / seen


@torch.no_grad()
def predict(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device | str = "cpu"
) -> tuple[Tensor, Tensor]:
    """The logits (N x classes) and the labels (N) of every example, in the loader's order, on the CPU.

    The model is in evaluation mode while it predicts. See notebook 05.
    """
    was_training = model.training
    model.eval()
    logits, labels = [], []
    for batch_inputs, batch_labels in batches:
        logits.append(model(batch_inputs.to(device)).cpu())
        labels.append(batch_labels)
    model.train(was_training)
    if not logits:
        raise ValueError("the loader gave no batch; expected at least one")
    return torch.cat(logits), torch.cat(labels)


def evaluate(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """The mean loss and the accuracy over all examples, every one counted once. See notebook 04."""
    logits, labels = predict(model, batches, device)
    check_classes(labels, logits.shape[1])
    loss = F.cross_entropy(logits, labels).item()
    return loss, (logits.argmax(1) == labels).sum().item() / len(labels)


def fit(
    model: nn.Module,
    train_loader: DataLoader,
    validation_loader: DataLoader,
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    *,
    epochs: int,
    device: torch.device | str = "cpu",
    clip: float | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: bool = False,
) -> History:
    """Train for `epochs`, then leave the weights of the best validation accuracy in `model`.

    Returns one list a quantity, one entry an epoch: train_loss, train_accuracy, validation_loss,
    validation_accuracy, learning_rate, seconds. `clip` limits the norm of the gradient. With `checkpoint` the
    whole state is saved after every epoch; with `resume` as well, training goes on from there and ends with
    the same numbers. Explained in notebook 04.
    """
    model.to(device)
    keys = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    keys += ("learning_rate", "seconds")
    history: History = {key: [] for key in keys}
    best = copy.deepcopy(model.state_dict())
    if resume:
        history, best = load_checkpoint(
            checkpoint, model, optimizer, scheduler, train_loader.generator
        )
    left = range(len(history["train_loss"]), epochs)
    with tqdm(total=len(left) * len(train_loader), unit="batch", disable=not progress) as bar:
        for epoch in left:
            bar.set_description(f"epoch {epoch + 1} of {epochs}")
            start = time.perf_counter()
            batches = ticking(train_loader, bar)
            trained = train_one_epoch(model, batches, optimizer, scheduler, device, clip)
            validated = evaluate(model, validation_loader, device)
            if validated[1] > max(history["validation_accuracy"], default=-1):
                best = copy.deepcopy(model.state_dict())
            values = (*trained, *validated, optimizer.param_groups[0]["lr"])
            for key, value in zip(keys, (*values, time.perf_counter() - start), strict=True):
                history[key].append(value)
            bar.set_postfix_str(f"validation accuracy {validated[1]:.1%}")
            if checkpoint is not None:
                generator = train_loader.generator
                save_checkpoint(checkpoint, model, optimizer, scheduler, generator, history, best)
    model.load_state_dict(best)
    return history


def ticking(batches: Iterable, bar: tqdm) -> Iterator:
    """Hand on each batch and move the progress bar by one."""
    for batch in batches:
        yield batch
        bar.update()
