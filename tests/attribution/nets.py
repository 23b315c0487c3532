"""Networks that are explained in several tests, with random weights."""

from __future__ import annotations

import torch
import torchvision
from torch import nn

from emotionart.attribution.network import PictureNetwork
from emotionart.networks.backbone import Backbone
from emotionart.networks.heads import FullyConnectedHead, Standardise
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.pretrained.libraries import create_network
from emotionart.networks.shallow import ShallowNet

MEAN, STD = [0.5, 0.4, 0.3], [0.25, 0.2, 0.3]


def shallow(*, pool: bool = True, hidden: tuple[int, ...] = (), size: int = 32, classes: int = 5) -> PictureNetwork:
    torch.manual_seed(0)
    net = ShallowNet((3, size, size), classes, channels=[6, 8], kernel_size=3, hidden=hidden, dropout=0.5, pool=pool)
    return PictureNetwork(NormalisePixels(MEAN, STD), net.trunk, nn.Sequential(net.reduce, net.head)).eval()


def transfer(*, pool: bool = True, hidden: tuple[int, ...] = ()) -> PictureNetwork:
    """ResNet-18 with standardised features under a head, as a run on a frozen backbone has it."""
    torch.manual_seed(0)
    backbone = Backbone(create_network("resnet18", "torchvision"), "torchvision", (), "mean" if pool else "grid")
    shape = backbone.eval().output_shape(64)
    standardise = Standardise(torch.rand(512), torch.rand(512) + 0.1)
    head = FullyConnectedHead(shape, 5, hidden=hidden, dropout=0.0)
    return PictureNetwork(
        NormalisePixels(MEAN, STD), backbone.body, nn.Sequential(backbone.reduce, standardise, head)
    ).eval()


def transformer(source: str) -> PictureNetwork:
    torch.manual_seed(0)
    if source == "timm":
        network = create_network("vit_tiny_patch16_224", "timm")
    else:
        network = torchvision.models.VisionTransformer(
            image_size=224, patch_size=32, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=64
        )
    backbone = Backbone(network, source, (), "mean").eval()  # type: ignore[arg-type]
    head = FullyConnectedHead(backbone.output_shape(224), 5, hidden=[8], dropout=0.0)
    return PictureNetwork(NormalisePixels(MEAN, STD), backbone.body, nn.Sequential(backbone.reduce, head)).eval()


def pictures(count: int, size: int) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1))
