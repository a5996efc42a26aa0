"""Fixtures: data roots of the tests' own, and tiny image sets.

torch is imported inside them, so that the process that hands out the tests starts quickly.
"""

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """pytest runs several processes side by side; more threads than cores slow torch down."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def data_root(tmp_path, monkeypatch):
    """An empty folder that `helpers` takes for the data root."""
    monkeypatch.setenv("PYTORCH_IN_PRACTICE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """A data root in which the sample is drawn already; only to be read."""
    from helpers.sample_images import draw_cifar10

    root = tmp_path_factory.mktemp("drawn")
    draw_cifar10(root / "sample")
    return root


@pytest.fixture
def sample(drawn, monkeypatch):
    """`drawn`, where `helpers` finds it."""
    monkeypatch.setenv("PYTORCH_IN_PRACTICE_DATA", str(drawn))


@pytest.fixture
def coloured_images():
    """Forty 32 x 32 pictures of two classes that a model can tell apart: dark, and bright."""
    import torch

    from helpers.images import TensorImages

    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 120, (40, 3, 32, 32), generator=generator, dtype=torch.uint8)
    labels = torch.arange(40) % 2
    images[labels == 1] += 120
    return TensorImages(images, labels, lambda batch: batch.float() / 128 - 1)
