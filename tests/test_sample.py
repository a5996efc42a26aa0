"""The drawn CIFAR-10: real loaders read it, it is the same every time, and it is never half there."""

import hashlib

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

from helpers import load_cifar10, sample_images
from helpers.cifar10 import SampleCIFAR10


def sums(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_torchvision_reads_it_like_the_real_data(sample):
    train, test = load_cifar10("sample", train=True), load_cifar10("sample", train=False)
    assert isinstance(train, CIFAR10)
    assert train.data.dtype == np.uint8 and train.data.shape == (1200, 32, 32, 3)
    assert test.data.shape == (400, 32, 32, 3)
    real = ["airplane", "automobile", "bird", "cat", "deer"]
    assert train.classes == [*real, "dog", "frog", "horse", "ship", "truck"]
    assert np.bincount(train.targets).tolist() == [120] * 10
    assert np.bincount(test.targets).tolist() == [40] * 10


def test_two_drawings_are_the_same_bytes(drawn, tmp_path):
    first = drawn / "sample" / sample_images.FOLDER
    second = sample_images.draw_cifar10(tmp_path)
    assert sums(first) == sums(second)
    assert len(sums(first)) == 8  # five training batches, one test batch, the names, the stamp


def test_no_picture_occurs_twice(sample):
    train, test = load_cifar10("sample", train=True), load_cifar10("sample", train=False)
    everything = np.concatenate([train.data, test.data]).reshape(1600, -1)
    assert len(np.unique(everything, axis=0)) == 1600


def test_a_class_is_drawn_in_many_ways():
    cars = sample_images.draw_class("automobile", 50, np.random.default_rng(0)).astype(float)
    assert cars.std(axis=0).mean() > 25


def test_what_is_there_is_kept_and_what_is_old_is_drawn_again(tmp_path):
    folder = sample_images.draw_cifar10(tmp_path)
    before = (folder / "test_batch").stat().st_mtime_ns
    sample_images.draw_cifar10(tmp_path)
    assert (folder / "test_batch").stat().st_mtime_ns == before

    (folder / "drawn-by.txt").write_text("an older version")
    (folder / "test_batch").write_bytes(b"old")
    sample_images.draw_cifar10(tmp_path)
    assert len(SampleCIFAR10(tmp_path, train=False)) == 400


def test_a_drawing_that_breaks_leaves_nothing_behind(tmp_path, monkeypatch):
    def full_disk(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(sample_images, "_write_batch", full_disk)
    with pytest.raises(OSError, match="no space"):
        sample_images.draw_cifar10(tmp_path / "sample")
    assert list((tmp_path / "sample").iterdir()) == []


def test_unknown_class():
    with pytest.raises(ValueError, match=r"unknown class 'plane'; expected one of airplane"):
        sample_images.draw_class("plane", 1, np.random.default_rng(0))
