"""Speed of maps, class model visualisation and the whole report, each compared with an alternative.

1. Maps of a batch of 16 in all four classes, against pytorch-grad-cam's Grad-CAM, which takes a forward and a backward
   pass for each class: aim, 2.5 times faster for class activation maps.
2. Class model visualisations of all classes in one batch, against one class after the other, on VGG-16: aim, 2 times
   faster.
3. `emotionart explain` of 64 artworks for a shallow run: aim, less than a minute.

Both sides of a ratio alternate in one process, and the median of their ratios is printed.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from emotionart.attribution.activation_maximisation import class_model_visualisation
from emotionart.attribution.maps import Mapper, Method, choose, data_mean
from emotionart.attribution.network import PictureNetwork
from emotionart.config.compose import compose
from emotionart.explain.explain import Options, explain
from emotionart.networks.backbone import Backbone
from emotionart.networks.heads import FullyConnectedHead
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.pretrained.libraries import create_network
from emotionart.networks.shallow import ShallowNet
from emotionart.pipeline import run

CLASSES, BATCH, ROUNDS = 4, 16, 7
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Median seconds of both, and the median ratio of the other to the one; the first round is not counted."""
    pairs = [(seconds(one), seconds(other)) for _ in range(rounds + 1)][1:]
    return (
        statistics.median(first for first, _ in pairs),
        statistics.median(second for _, second in pairs),
        statistics.median(second / first for first, second in pairs),
    )


def shallow() -> PictureNetwork:
    """A shallow network with pooling, at 64 pixels."""
    net = ShallowNet((3, 64, 64), CLASSES, channels=[32, 64], kernel_size=3, hidden=[], dropout=0.0, pool=True)
    return PictureNetwork(NormalisePixels(MEAN, STD), net.trunk, nn.Sequential(net.reduce, net.head)).eval()


def transfer(name: str, pool: bool, hidden: list[int]) -> PictureNetwork:
    """A head on a torchvision network, at 224 pixels."""
    backbone = Backbone(create_network(name, "torchvision"), "torchvision", (), "mean" if pool else "grid").eval()
    head = FullyConnectedHead(backbone.output_shape(224), CLASSES, hidden=hidden, dropout=0.0)
    return PictureNetwork(NormalisePixels(MEAN, STD), backbone.body, nn.Sequential(backbone.reduce, head)).eval()


def measure_maps(name: str, network: PictureNetwork, size: int) -> None:
    pictures = torch.rand(BATCH, 3, size, size)
    targets = torch.arange(CLASSES).expand(BATCH, -1)

    def ours(mapper: Mapper) -> Callable[[], object]:
        return lambda: mapper.maps(pictures, targets)

    with GradCAM(network, [network.trunk]) as oracle:

        def theirs() -> None:
            for target in range(CLASSES):
                oracle(pictures, [ClassifierOutputTarget(target)] * BATCH)

        methods: tuple[Method, ...] = ("cam", "gradcam")
        for method in methods:
            mapper = choose(network, pictures[:1], method, None)
            own, other, ratio = compare(ours(mapper), theirs, ROUNDS)
            print(
                f"{name}, {BATCH} pictures in {CLASSES} classes: {method} {1000 * own:.0f} ms, pytorch-grad-cam "
                f"{1000 * other:.0f} ms, {ratio:.1f} times as long",
                flush=True,
            )


def measure_class_pictures(name: str, network: PictureNetwork, size: int, steps: int, rounds: int) -> None:
    every, mean = torch.arange(CLASSES), data_mean(network)

    def alone() -> None:
        for k in range(CLASSES):
            class_model_visualisation(network, every[[k]], mean, size, steps=steps)

    own, other, ratio = compare(
        lambda: class_model_visualisation(network, every, mean, size, steps=steps), alone, rounds
    )
    print(
        f"{name}, class pictures of {CLASSES} classes, {steps} steps: together {own:.1f} s, one by one {other:.1f} s, "
        f"{ratio:.2f} times as long",
        flush=True,
    )


def measure_report() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asked = ["model.network.pool=true", "trainer.max_epochs=2", "logger=none", f"cache={folder}/cache"]
        composed = compose(asked)
        (work := Path(folder) / "run").mkdir()
        run(composed, work)
        cpu, start = time.process_time(), time.perf_counter()
        explain(work, Options(count=64))
        print(
            f"emotionart explain, 64 artworks, shallow run: {time.perf_counter() - start:.0f} s by the clock, "
            f"{time.process_time() - cpu:.0f} s of one core"
        )


def main() -> None:
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    measure_maps("shallow", shallow(), 64)
    measure_maps("ResNet-18", transfer("resnet18", True, []), 224)
    measure_class_pictures("shallow", shallow(), 64, steps=20, rounds=5)
    measure_class_pictures("VGG-16", transfer("vgg16", False, [512, 256]), 224, steps=2, rounds=3)
    measure_report()


if __name__ == "__main__":
    main()
