"""A network whose batch normalisation learns."""

from torch import nn


class Normed(nn.Sequential):
    def __init__(self, in_shape: tuple[int, int, int], num_classes: int, **settings: object) -> None:
        grid = [nn.Conv2d(in_shape[0], 4, 3), nn.BatchNorm2d(4, momentum=0.5), nn.ReLU(), nn.AdaptiveAvgPool2d(1)]
        super().__init__(*grid, nn.Flatten(), nn.Linear(4, num_classes))
