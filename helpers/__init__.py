"""What two notebooks share. Each name below says in its docstring which notebook explains it."""

from helpers.checkpoint import load_checkpoint, save_checkpoint
from helpers.cifar10 import load_cifar10
from helpers.download import fetch
from helpers.evaluation import accuracy_interval, calibration, confusion_matrix
from helpers.figures import picture_grid, plot_confusion, plot_history, show
from helpers.images import (
    TensorImages,
    as_tensors,
    channel_statistics,
    cifar10_splits,
    make_loader,
    random_flip,
    split_by_class,
)
from helpers.model import Net
from helpers.scales import data_root, pick_device, set_up
from helpers.training import evaluate, fit, predict, train_one_epoch

__all__ = [
    "Net",
    "TensorImages",
    "accuracy_interval",
    "as_tensors",
    "calibration",
    "channel_statistics",
    "cifar10_splits",
    "confusion_matrix",
    "data_root",
    "evaluate",
    "fetch",
    "fit",
    "load_checkpoint",
    "load_cifar10",
    "make_loader",
    "pick_device",
    "picture_grid",
    "plot_confusion",
    "plot_history",
    "predict",
    "random_flip",
    "save_checkpoint",
    "set_up",
    "show",
    "split_by_class",
    "train_one_epoch",
]
