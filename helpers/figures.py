"""Figures that more than one notebook draws, each with a text for those who cannot see it."""

import io
from collections.abc import Sequence

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure
from torch import Tensor


def show(figure: Figure, alt: str) -> None:
    """Show `figure` below the cell and close it; `alt` is what a screen reader says in its place."""
    png = io.BytesIO()
    figure.savefig(png, format="png", bbox_inches="tight", dpi=100)
    plt.close(figure)
    content = {"image/png": png.getvalue(), "text/plain": alt}
    display(content, raw=True, metadata={"image/png": {"alt": alt}})


def picture_grid(images: Tensor, titles: Sequence[str], columns: int = 8) -> Figure:
    """A grid of pictures with a title each. `images`: uint8, N x 3 x H x W, one title an image."""
    if images.ndim != 4 or len(images) != len(titles) or len(images) == 0:
        raise ValueError(
            f"images of shape {tuple(images.shape)} and {len(titles)} titles; expected N x 3 x H x W and N"
        )
    rows = -(-len(images) // columns)
    lines = 1 + max(title.count("\n") for title in titles)
    size = (1.15 * columns, (1.15 + 0.17 * lines) * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(image.permute(1, 2, 0))
        axis.set_title(title, fontsize=8)
    return figure


def plot_history(history: dict[str, list[float]]) -> Figure:
    """Loss and accuracy on the training and the validation part, epoch by epoch; see `fit`."""
    epochs = range(1, len(history["train_loss"]) + 1)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3))
    for axis, quantity in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, history[f"train_{quantity}"], "o-", label="training")
        axis.plot(epochs, history[f"validation_{quantity}"], "s--", label="validation")
        axis.set(xlabel="epoch", ylabel=quantity)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    axes[1].set_ylim(0, 1)
    figure.tight_layout()
    return figure


def plot_confusion(matrix: Tensor, classes: Sequence[str]) -> Figure:
    """A confusion matrix (see notebook 05) with its counts; the shade is the share of the true class."""
    share = matrix / matrix.sum(1, keepdim=True).clamp(min=1)
    side = 1.5 + 0.5 * len(classes)
    figure, axis = plt.subplots(figsize=(side, side))
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(classes)):
        for column in range(len(classes)):
            if matrix[row, column]:
                colour = "white" if share[row, column] > 0.5 else "black"
                axis.text(
                    column,
                    row,
                    f"{matrix[row, column]}",
                    ha="center",
                    va="center",
                    color=colour,
                    fontsize=8,
                )
    axis.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axis.set_yticks(range(len(classes)), classes)
    axis.set(xlabel="predicted", ylabel="true")
    figure.tight_layout()
    return figure
