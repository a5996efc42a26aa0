"""The network that notebooks 02 to 05 build, train and test."""

import torch
from torch import Tensor, nn


class Net(nn.Module):
    """Two convolutions and three linear layers: 62,006 parameters for 32 x 32 pictures of ten classes.

    Takes float N x 3 x 32 x 32, returns N x `classes` logits. Built layer by layer in notebook 02; the shape goes
    back to LeNet-5 (LeCun et al., 1998).
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = x.flatten(1)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)
