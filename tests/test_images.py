"""Tensors, splits and loaders: the same numbers as the slow way, and clear errors."""

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

import helpers
from helpers import cifar10
from helpers.cifar10 import first_of_each_class
from helpers.images import TensorImages, check_classes


def test_whole_batches_equal_torchvision_picture_by_picture(sample):
    splits = helpers.cifar10_splits("sample")
    mean, std = splits.test.transform.transforms[1].mean, splits.test.transform.transforms[1].std
    one = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)])
    slow = helpers.load_cifar10("sample", train=False, transform=one)
    loader = helpers.make_loader(splits.test, batch_size=64)
    seen = 0
    for images, labels in loader:
        for image, label in zip(images, labels, strict=True):
            expected, expected_label = slow[seen]
            torch.testing.assert_close(image, expected.as_subclass(torch.Tensor))
            assert label == expected_label
            seen += 1
    assert seen == 400


def test_statistics_are_those_of_the_float_images(sample):
    images, _ = helpers.as_tensors(helpers.load_cifar10("sample", train=False))
    mean, std = helpers.channel_statistics(images)
    scaled = images.double() / 255
    torch.testing.assert_close(torch.tensor(mean), scaled.mean((0, 2, 3)).float())
    torch.testing.assert_close(
        torch.tensor(std), scaled.std((0, 2, 3), correction=0).float(), atol=1e-6, rtol=0
    )


def test_only_the_training_part_is_measured(sample):
    splits = helpers.cifar10_splits("sample")
    whole = splits.train.transform(splits.train.images)
    assert whole.mean((0, 2, 3)).abs().max() < 1e-4
    other = splits.validation.transform(splits.validation.images)
    assert other.mean((0, 2, 3)).abs().max() > 1e-3


def test_split_takes_every_picture_once_and_the_same_share_of_each_class():
    labels = torch.tensor([0] * 30 + [1] * 50)
    first, second = helpers.split_by_class(labels, 0.2, seed=3)
    assert sorted(torch.cat([first, second]).tolist()) == list(range(80))
    assert torch.bincount(labels[second]).tolist() == [6, 10]
    again = helpers.split_by_class(labels, 0.2, seed=3)
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])
    other = helpers.split_by_class(labels, 0.2, seed=4)
    assert not torch.equal(second, other[1])


@pytest.mark.parametrize("fraction", [0.0, 0.01, 1.0])
def test_split_that_leaves_a_class_out(fraction):
    with pytest.raises(ValueError, match="class 0 has 5 members"):
        helpers.split_by_class(torch.zeros(5, dtype=torch.int64), fraction)


def test_a_tenth_is_balanced_and_fixed():
    labels = [0, 1, 1, 1, 0, 0, 1, 0]
    assert first_of_each_class(labels, 4).tolist() == [0, 1, 2, 4]


def test_subset_is_a_balanced_tenth_of_the_real_files(drawn, monkeypatch):
    # The sample's files stand in for the real ones: same format, same reader.
    monkeypatch.setenv("PYTORCH_IN_PRACTICE_DATA", str(drawn / "sample"))
    monkeypatch.setattr(cifar10, "CIFAR10", cifar10.SampleCIFAR10)
    subset, full = (helpers.load_cifar10(data, train=True) for data in ("subset", "full"))
    assert len(full) == 1200 and len(subset) == 120
    assert np.bincount(subset.targets).tolist() == [12] * 10
    picture, label = subset[0]
    assert picture == full[0][0] and label == full[0][1]


def test_flip_mirrors_some_pictures_and_changes_nothing_else():
    torch.manual_seed(0)
    images = torch.rand(200, 3, 4, 4)
    flipped = helpers.random_flip(images)
    same = (flipped == images).flatten(1).all(1)
    mirrored = (flipped == images.flip(3)).flatten(1).all(1)
    assert (same | mirrored).all()
    assert 60 < mirrored.sum() < 140


def test_only_training_pictures_are_flipped(sample):
    splits = helpers.cifar10_splits("sample", flip=True)
    torch.manual_seed(0)
    positions = list(range(50))
    first, second = (splits.train.__getitems__(positions)[0] for _ in range(2))
    assert not torch.equal(first, second)
    for part in (splits.validation, splits.test):
        first, second = (part.__getitems__(positions)[0] for _ in range(2))
        assert torch.equal(first, second)


def test_loader_shuffles_by_seed(coloured_images):
    def order(seed):
        loader = helpers.make_loader(coloured_images, 16, shuffle=True, seed=seed)
        return [torch.cat([images for images, _ in loader]) for _ in range(2)]

    (a1, a2), (b1, b2), (c1, _) = order(0), order(0), order(1)
    assert torch.equal(a1, b1) and torch.equal(a2, b2)
    assert not torch.equal(a1, a2) and not torch.equal(a1, c1)


IMAGES = torch.zeros(4, 3, 32, 32, dtype=torch.uint8)
LABELS = torch.zeros(4, dtype=torch.int64)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES.float(), LABELS, r"torch.float32 of shape \(4, 3, 32, 32\); expected torch.uint8"),
        (IMAGES[0], LABELS, r"shape \(3, 32, 32\); expected .* \(N, channels, height, width\)"),
        (IMAGES, LABELS.float(), r"labels are torch.float32 of shape \(4,\); expected torch.int64"),
        (IMAGES, LABELS[:3], r"shape \(3,\); expected torch.int64 of shape \(4,\)"),
        (IMAGES[:0], LABELS[:0], "holds no images; expected at least one"),
    ],
)
def test_bad_images_are_named(images, labels, message):
    with pytest.raises(ValueError, match=message):
        TensorImages(images, labels, lambda batch: batch)


def test_bad_classes_are_named():
    check_classes(torch.tensor([0, 9]), 10)
    with pytest.raises(ValueError, match="run from -1 to 10; expected 0 to 9 for 10 classes"):
        check_classes(torch.tensor([-1, 10]), 10)
    with pytest.raises(ValueError, match=r"torch.float32; expected torch.int64"):
        check_classes(torch.tensor([1.0]), 10)


@pytest.mark.parametrize("data", ["Sample", "tiny", "", None])
def test_unknown_scale(data, data_root):
    message = r'DATA is .*; expected "sample", "subset" or "full"'
    for call in (helpers.set_up, helpers.cifar10_splits):
        with pytest.raises(ValueError, match=message):
            call(data)
