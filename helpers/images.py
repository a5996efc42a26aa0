"""Images as tensors, batches of them, and the three parts of CIFAR-10."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import CIFAR10
from torchvision.transforms import v2

from helpers.cifar10 import load_cifar10


class TensorImages(Dataset):
    """Images kept as one uint8 tensor; a whole batch is fetched and transformed at once.

    `images`: uint8, N x C x H x W. `labels`: int64, N. `transform` takes and returns a batch of images.
    Wrong shapes, dtypes or no images at all are a ValueError. Defined in notebook 01.
    """

    def __init__(self, images: Tensor, labels: Tensor, transform: Callable[[Tensor], Tensor]):
        check_images(images, labels)
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        images, labels = self.__getitems__([index])
        return images[0], labels[0]

    def __getitems__(self, indices: list[int]) -> tuple[Tensor, Tensor]:
        return self.transform(self.images[indices]), self.labels[indices]


class ImageSplits(NamedTuple):
    """The three parts of an image data set, and the names of its classes."""

    train: TensorImages
    validation: TensorImages
    test: TensorImages
    classes: list[str]


def cifar10_splits(data: str, *, flip: bool = False, seed: int = 0) -> ImageSplits:
    """CIFAR-10 at the scale `data`: nine tenths of the training pictures, the other tenth, the test pictures.

    The channels are normalised with the statistics of the first part. `flip` mirrors every training picture with
    probability one half, anew each time. `seed` fixes the split. Taken apart in notebook 01.
    """
    train_set, test_set = load_cifar10(data, train=True), load_cifar10(data, train=False)
    images, labels = as_tensors(train_set)
    first, second = split_by_class(labels, 0.1, seed)
    mean, std = channel_statistics(images[first])
    plain = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)])
    return ImageSplits(
        TensorImages(
            images[first], labels[first], v2.Compose([plain, random_flip]) if flip else plain
        ),
        TensorImages(images[second], labels[second], plain),
        TensorImages(*as_tensors(test_set), plain),
        train_set.classes,
    )


def as_tensors(dataset: CIFAR10) -> tuple[Tensor, Tensor]:
    """All pictures and labels of torchvision's CIFAR10: uint8 N x 3 x 32 x 32, and int64 N."""
    return torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(
        dataset.targets
    )


def make_loader(
    dataset: TensorImages, batch_size: int, *, shuffle: bool = False, seed: int = 0
) -> DataLoader:
    """A DataLoader that lets `dataset` make each batch itself. `seed` fixes the shuffling. See notebook 01."""
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(
        dataset, batch_size, shuffle=shuffle, generator=generator, collate_fn=keep_batch
    )


def keep_batch(batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The collate function for a data set whose `__getitems__` already returns a batch."""
    return batch


def split_by_class(labels: Tensor, fraction: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Positions for two parts, the second with `fraction` of every class, both in ascending order.

    `labels`: int64, N. A fraction that leaves a class without a member on one side is a ValueError.
    See notebook 01.
    """
    generator = torch.Generator().manual_seed(seed)
    first, second = [], []
    for label in labels.unique():
        members = torch.nonzero(labels == label).flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        count = round(len(members) * fraction)
        if not 0 < count < len(members):
            raise ValueError(
                f"class {label} has {len(members)} members; a fraction of {fraction} leaves one part without any"
            )
        first.append(members[count:])
        second.append(members[:count])
    return torch.cat(first).sort().values, torch.cat(second).sort().values


def channel_statistics(images: Tensor) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of uint8 N x C x H x W images, on the scale from 0 to 1.

    Counts how often each of the 256 values occurs, so that no float copy of the images is made. See notebook 01.
    """
    values = torch.arange(256, dtype=torch.float64) / 255
    mean, std = [], []
    for channel in images.unbind(1):
        share = torch.bincount(channel.flatten(), minlength=256) / channel.numel()
        centre = (share * values).sum()
        mean.append(centre.item())
        std.append((share * (values - centre) ** 2).sum().sqrt().item())
    return mean, std


def random_flip(images: Tensor) -> Tensor:
    """Mirror each image of a batch (N x C x H x W) left to right with probability one half. See notebook 04."""
    mirrored = torch.rand(len(images), 1, 1, 1) < 0.5
    return torch.where(mirrored, images.flip(3), images)


def check_images(images: Tensor, labels: Tensor) -> None:
    """Raise a ValueError unless `images` is uint8 N x C x H x W and `labels` int64 N, with N at least one."""
    if images.ndim != 4 or images.dtype != torch.uint8:
        given = f"{images.dtype} of shape {tuple(images.shape)}"
        raise ValueError(
            f"images are {given}; expected torch.uint8 of shape (N, channels, height, width)"
        )
    if labels.ndim != 1 or labels.dtype != torch.int64 or len(labels) != len(images):
        given = f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ValueError(
            f"labels are {given}; expected torch.int64 of shape ({len(images)},), one an image"
        )
    if len(images) == 0:
        raise ValueError("the data set holds no images; expected at least one")


def check_classes(labels: Tensor, classes: int | Sequence[str]) -> None:
    """Raise a ValueError unless every label is a whole number from 0 to the number of classes less one."""
    count = classes if isinstance(classes, int) else len(classes)
    if labels.dtype != torch.int64:
        raise ValueError(f"labels are {labels.dtype}; expected torch.int64 class numbers")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < count:
        raise ValueError(
            f"labels run from {int(labels.min())} to {int(labels.max())}; expected 0 to {count - 1} for {count} classes"
        )
