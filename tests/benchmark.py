"""Time the program this course grew out of against ours, on the same pictures, in one run.

    make benchmark                       # on CIFAR-10
    make benchmark ARGS="--data sample"  # on the drawn pictures, with no download

Each side trains the same network in turns, so that a busy machine slows both. What is compared is
pictures a second while training; notebook 04 shows what our side's training reaches.
"""

import argparse
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

TURNS, ORIGINAL_IMAGES = 5, 4000


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


def rate(program, images: int) -> float:
    """Pictures a second over at least `images` pictures."""
    seen, start = 0, time.perf_counter()
    while seen < images:
        seen += next(program)
    return seen / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="full", choices=["sample", "subset", "full"])
    data = parser.parse_args().data

    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        draw_cifar10(Path(scratch))
        print(f"drawing the sample: {time.perf_counter() - start:.2f} s")

    torch.manual_seed(0)
    programs = original(data), ours(data)
    for program in programs:
        next(program)  # start the workers, touch the data
    rates = [[], []]
    for turn in range(1, TURNS + 1):
        for program, found in zip(programs, rates, strict=True):
            found.append(rate(program, ORIGINAL_IMAGES))
        print(f"turn {turn}: original {rates[0][-1]:,.0f}, ours {rates[1][-1]:,.0f} images/s")
    before, after = map(statistics.median, rates)
    print(f"{data}, {torch.get_num_threads()} threads: ours is {after / before:.1f} times as fast")


if __name__ == "__main__":
    main()
