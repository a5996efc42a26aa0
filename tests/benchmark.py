"""Time the programs this course grew out of against ours, on the same data, in one run.

    make benchmark                       # on CIFAR-10, IMDB and GloVe
    make benchmark ARGS="--data sample"  # on what the project draws, with no download
    make benchmark ARGS="--only images"  # or: --only text

Each side trains in turns, so that a busy machine slows both. What is compared is examples a second while
training; notebooks 04 and 06 show what our side's training reaches.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import transforms

import helpers
from helpers.sample_images import draw_cifar10
from helpers.sample_text import draw_imdb

MAX_LENGTH = 400  # as in notebook 06


class OriginalNet(nn.Module):
    """The network as the original program has it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def original(data: str):
    """The original's training loop: four pictures a batch, two workers. Yields after every batch."""
    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
    )
    train_set = helpers.load_cifar10(data, train=True, transform=transform)
    loader = torch.utils.data.DataLoader(train_set, batch_size=4, shuffle=True, num_workers=2)
    net = OriginalNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    while True:
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            loss.item()
            yield len(labels)


def ours(data: str):
    """Our training as in notebook 04. Yields after every epoch."""
    splits = helpers.cifar10_splits(data, flip=True)
    loader = helpers.make_loader(splits.train, 64, shuffle=True)
    model = helpers.Net()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    scheduler = optim.lr_scheduler.ConstantLR(optimizer)
    while True:
        helpers.train_one_epoch(model, loader, optimizer, scheduler)
        yield len(splits.train)


class OriginalLSTM(nn.Module):
    """The text classifier as the original program has it."""

    def __init__(self, vocab_size, embedding_dim, hidden_dim, output_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.rnn = nn.LSTM(embedding_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)

    def forward(self, text, text_lengths):
        embedded = self.embedding(text)
        packed = nn.utils.rnn.pack_padded_sequence(
            embedded, text_lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        output, _ = self.rnn(packed)
        output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
        return self.fc(output[:, -1, :])


def original_text(data: str):
    """The original's loop: words split at spaces, all of them kept, 300 numbers each, packed batches of 64.

    Two changes let it run at all: the labels are whole numbers, and the embedding starts at random, as it does in
    the original too, so that no vectors are read. Yields after every batch.
    """
    from torchtext import data as torchtext_data
    from torchtext.datasets import IMDB

    root = draw_imdb(helpers.data_root() / "sample").parent.parent
    if data != "sample":
        root = helpers.data_root()
    text = torchtext_data.Field(lower=True, include_lengths=True, batch_first=True)
    label = torchtext_data.LabelField(dtype=torch.long)
    train_data, _ = IMDB.splits(text, label, root=str(root))
    text.build_vocab(train_data)
    label.build_vocab(train_data)
    loader = torchtext_data.BucketIterator(train_data, batch_size=64)
    model = OriginalLSTM(len(text.vocab), 300, 256, 2)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    yield 0  # everything is read; what follows is training
    while True:
        for batch in loader:
            optimizer.zero_grad()
            words, lengths = batch.text
            loss = criterion(model(words, lengths), batch.label)
            loss.backward()
            optimizer.step()
            yield len(batch.label)


def our_text(data: str):
    """Our training as in notebook 06. Yields after every forty batches."""
    from helpers import lstm, reviews, text

    splits = text.imdb_splits(data, max_size=25_000, max_length=MAX_LENGTH)
    embedding, _ = text.glove_embedding(splits.vocab, text.load_glove(data, 50))
    model = lstm.SentimentLSTM(embedding)
    loader = reviews.review_loader(splits.train, 64, shuffle=True)
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    scheduler = optim.lr_scheduler.ConstantLR(optimizer)
    while True:
        batches = iter(loader)
        while part := list(itertools.islice(batches, 40)):
            helpers.train_one_epoch(model, part, optimizer, scheduler, clip=1.0)
            yield sum(len(labels) for _, labels in part)


def rate(program, examples: int) -> float:
    """Examples a second over at least so many of them."""
    seen, start = 0, time.perf_counter()
    while seen < examples:
        seen += next(program)
    return seen / (time.perf_counter() - start)


def compare(what: str, programs, examples: tuple[int, int], turns: int) -> None:
    """Let both programs train in turns, and print their rates and the ratio of the medians."""
    rates = [[], []]
    for turn in range(1, turns + 1):
        for program, found, count in zip(programs, rates, examples, strict=True):
            found.append(rate(program, count))
        print(
            f"turn {turn}: original {rates[0][-1]:,.1f}, ours {rates[1][-1]:,.0f} {what}/s",
            flush=True,
        )
    before, after = map(statistics.median, rates)
    print(f"{what}: {after / before:.1f} times as fast, on {torch.get_num_threads()} threads")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="full", choices=["sample", "subset", "full"])
    parser.add_argument("--only", choices=["images", "text"])
    arguments = parser.parse_args()
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        draw_cifar10(Path(scratch))
        pictures = time.perf_counter() - start
        draw_imdb(Path(scratch))
        both = time.perf_counter() - start
        print(f"drawing the sample: {both:.2f} s, of that the pictures {pictures:.2f} s")

    if arguments.only != "text":
        programs = original(arguments.data), ours(arguments.data)
        for program in programs:
            next(program)  # start the workers, touch the data
        compare("images", programs, (4000, 4000), turns=5)
    if arguments.only != "images":
        programs = original_text(arguments.data), our_text(arguments.data)
        for program in programs:
            next(program)
        compare("reviews", programs, (64, 2560), turns=3)


if __name__ == "__main__":
    main()
