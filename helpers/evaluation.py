"""How good, how sure, and where wrong: the measures of notebook 05."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers.images import check_classes


class Calibration(NamedTuple):
    """For each bin of confidence: how many predictions, their mean confidence, and their accuracy.

    `error` is the expected calibration error (Guo et al., 2017): the gap between the last two, weighted by the first.
    """

    count: Tensor
    confidence: Tensor
    accuracy: Tensor
    error: float


def accuracy_interval(correct: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson interval (Wilson, 1927) for an accuracy of `correct` out of `total`. See notebook 05."""
    if not 0 <= correct <= total or total == 0:
        raise ValueError(
            f"{correct} correct out of {total}; expected 0 <= correct <= total and total > 0"
        )
    z = 1.959964  # 95 % of a normal distribution lies within this many standard deviations
    share = correct / total
    centre = share + z**2 / (2 * total)
    half = z * (share * (1 - share) / total + z**2 / (4 * total**2)) ** 0.5
    low, high = (centre - half) / (1 + z**2 / total), (centre + half) / (1 + z**2 / total)
    # At the two ends the bounds are exactly 0 and 1; rounding would put them a hair beside.
    return (0.0 if correct == 0 else low), (1.0 if correct == total else high)


def confusion_matrix(labels: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Counts, int64, classes x classes: row the true class, column the predicted one. See notebook 05.

    Both arguments are int64 of N class numbers; one out of range is a ValueError.
    """
    if labels.shape != predictions.shape:
        raise ValueError(
            f"{tuple(labels.shape)} labels, {tuple(predictions.shape)} predictions; expected one each"
        )
    check_classes(labels, classes)
    check_classes(predictions, classes)
    return torch.bincount(labels * classes + predictions, minlength=classes**2).reshape(
        classes, classes
    )


def calibration(probabilities: Tensor, labels: Tensor, bins: int = 10) -> Calibration:
    """Compare how sure a model is with how often it is right.

    `probabilities`: N x classes, rows that sum to one. `labels`: int64, N. The bins cut 0 to 1 into equal
    parts; an empty one has confidence and accuracy NaN. See notebook 05.
    """
    if probabilities.ndim != 2 or not torch.allclose(
        probabilities.sum(1), torch.ones(len(probabilities)), atol=1e-3
    ):
        raise ValueError(
            f"expected rows of probabilities that sum to one, got shape {tuple(probabilities.shape)}"
        )
    check_classes(labels, probabilities.shape[1])
    sure, predicted = probabilities.max(1)
    right = (predicted == labels).double()
    place = (sure * bins).long().clamp(max=bins - 1)
    count = torch.bincount(place, minlength=bins)
    confidence = torch.bincount(place, weights=sure.double(), minlength=bins) / count
    accuracy = torch.bincount(place, weights=right, minlength=bins) / count
    gaps = (confidence - accuracy).abs().nan_to_num()
    return Calibration(count, confidence, accuracy, (gaps * count).sum().item() / len(labels))
