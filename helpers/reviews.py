"""Reviews of different lengths as batches: a data set, a sampler that sorts by length, and padding."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, Sampler

PAD = 1  # the number of "<pad>" in every vocabulary that helpers.text makes


class Padded(NamedTuple):
    """Reviews of one batch: `tokens` int64 N x longest, filled up with PAD, and `lengths` int64 N.

    `.to(device)` moves the tokens and leaves the lengths on the CPU, where packing needs them.
    """

    tokens: Tensor
    lengths: Tensor

    def to(self, device: torch.device | str) -> "Padded":
        return Padded(self.tokens.to(device), self.lengths)


class Reviews(Dataset):
    """Texts, their words as numbers (int64, one tensor a review), and labels (int64, N). See notebook 06."""

    def __init__(self, texts: Sequence[str], numbers: Sequence[Tensor], labels: Tensor):
        if not len(texts) == len(numbers) == len(labels):
            raise ValueError(
                f"{len(texts)} texts, {len(numbers)} encoded, {len(labels)} labels; expected one each"
            )
        if len(labels) == 0:
            raise ValueError("the data set holds no reviews; expected at least one")
        self.texts, self.numbers, self.labels = texts, numbers, labels
        self.lengths = [len(n) for n in numbers]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.numbers[index], self.labels[index]


class LengthBatches(Sampler[list[int]]):
    """Batches of positions whose reviews have nearly the same length, in random order.

    Shuffles, cuts into pools of 50 batches, and sorts each pool by length. `generator` fixes the order; without
    one, the reviews are sorted once and come in order of length. See notebook 06.
    """

    def __init__(
        self, lengths: Sequence[int], batch_size: int, generator: torch.Generator | None = None
    ):
        self.lengths, self.batch_size, self.generator = lengths, batch_size, generator

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        count, size = len(self.lengths), self.batch_size
        if self.generator is None:
            order, pool = list(range(count)), count
        else:
            order, pool = torch.randperm(count, generator=self.generator).tolist(), 50 * size
        batches = []
        for start in range(0, count, pool):
            by_length = sorted(order[start : start + pool], key=self.lengths.__getitem__)
            batches += [by_length[i : i + size] for i in range(0, len(by_length), size)]
        if self.generator is not None:
            shuffled = torch.randperm(len(batches), generator=self.generator).tolist()
            batches = [batches[i] for i in shuffled]
        yield from batches


def pad_batch(examples: Sequence[tuple[Tensor, Tensor]]) -> tuple[Padded, Tensor]:
    """Stack reviews of different lengths: the padded batch, and the labels. See notebook 06."""
    numbers, labels = zip(*examples, strict=True)
    lengths = torch.tensor([len(n) for n in numbers])
    return Padded(pad_sequence(numbers, batch_first=True, padding_value=PAD), lengths), torch.stack(
        labels
    )


def review_loader(
    reviews: Reviews, batch_size: int, *, shuffle: bool = False, seed: int = 0
) -> DataLoader:
    """A DataLoader with length-sorted, padded batches. `seed` fixes their order. See notebook 06."""
    generator = torch.Generator().manual_seed(seed) if shuffle else None
    batches = LengthBatches(reviews.lengths, batch_size, generator)
    return DataLoader(reviews, batch_sampler=batches, collate_fn=pad_batch, generator=generator)
