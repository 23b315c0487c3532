"""The effect of additions to the study's plain GAN, in KID on the features of a network with ImageNet weights.

    python studies/gan_recipe.py LABELS.csv SQUEEZENET.safetensors FOLDER
    python studies/gan_recipe.py … --size 64 --seeds 1 --settings plain spectral_norm+r1+diffaugment

Trains each setting that is not in FOLDER yet (and resumes interrupted ones) at width 16 for 100,000 images. Compares
1,000 generated pictures with the real ones of the test split: those of the generator itself and those of its running
average, which does not affect training and is thus measured on the same run. Writes `studies/results/gan_recipe.json`,
whose entries are not measured again.
"""

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import torch
import yaml

from emotionart.config.compose import compose
from emotionart.data.pictures.encode import png_files
from emotionart.gan.features import build_features
from emotionart.gan.generation.sampler import load_sampler
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.pipeline import run
from emotionart.run.data import build_representation, build_unlabelled
from emotionart.statistics.image_quality import distances, scale_of

FOUND = Path(__file__).parent / "results" / "gan_recipe.json"
SETTINGS = {
    "plain": ["model=gan_study"],
    "spectral_norm": ["model=gan_study", "discriminator.spectral_norm=true"],
    "r1": ["model=gan_study", "model.r1=0.1"],
    "diffaugment": ["model=gan", "model.r1=0"],
    "r1+diffaugment": ["model=gan"],
    "spectral_norm+diffaugment": ["model=gan", "model.r1=0", "discriminator.spectral_norm=true"],
    "spectral_norm+r1+diffaugment": ["model=gan", "discriminator.spectral_norm=true"],
    "adaptive": ["model=gan", "model.adaptive=true"],
}
COMMON = [
    "generator.width=16", "discriminator.width=16", "data=table", "data.group=artist", "model.images=100000",
    "model.report_every=10000", "model.ema_halflife=5000", "logger=csv", "trainer.threads=1",
]  # fmt: skip
FEATURES = [
    "model/features=backbone", "model.features.name=squeezenet1_0", "model.features.size=96",
    "model.features.mean=[123,117,104]", "model.features.std=[1,1,1]", "model.features.scale=1",
]  # fmt: skip
SAMPLES, SUBSET = 1_000, 100


def train(name: str, seed: int, size: int, labels: str, folder: Path) -> Path:
    path = folder / f"{name}-{size}px-s{seed}"
    if not (path / "result.json").exists():
        path.mkdir(parents=True, exist_ok=True)
        again = [f"resume={path}"] if (path / "run.json").exists() else []
        data = [f"data.path={labels}", f"cache={folder}/cache", f"model.representation.size={size}", f"seed={seed}"]
        asked = [*SETTINGS[name], *COMMON, *data, *again]
        composed = compose(asked)
        run(composed, path)
    return path


def measure(path: Path, weights: str) -> dict[str, Any]:
    """Distances of pictures by the generator, by its average, and of other real pictures; the monitor's states."""
    overrides = yaml.safe_load((path / "overrides.yaml").read_text())["overrides"]
    asked = [item for item in overrides if not item.startswith(("hydra.", "resume="))]
    config = compose([*asked, *FEATURES, f"model.features.weights={weights}"]).config
    representation = build_representation(config)
    artworks = build_unlabelled(config, representation.size)
    test, train = (png_files(artworks.pixels[artworks.row[artworks.indices(part)]]) for part in ("test", "train"))
    features = build_features(config)
    assert features is not None
    real = features.of(test, "real")
    scale = scale_of(real)
    found: dict[str, Any] = {
        "real": distances(real / scale, features.of(train[:SAMPLES], "other real") / scale, SUBSET)
    }
    for name in ("generator", "average"):
        sampler = load_sampler(path, averaged=name == "average")
        latents = sampler.latents.draw(SAMPLES, noise_generator(config.seed, Purpose.EVALUATION))
        fake = png_files(sampler.pictures(latents))
        found[name] = distances(real / scale, features.of(fake, name) / scale, SUBSET)
    told = json.loads((path / "result.json").read_text())["monitor"]["told"]
    return found | {"healthy": all(event["state"] == "healthy" for event in told)}


def report(found: dict[str, dict[str, Any]]) -> None:
    """Prints one line for each setting and size: KID of the generator and of its average, over seeds."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for key, values in found.items():
        rows.setdefault(key.rsplit("-s", 1)[0], []).append(values)
    for row, runs in rows.items():
        kids = [[f"{value:.3f}" for value in (run[name]["kid"] for run in runs)] for name in ("generator", "average")]
        means = [statistics.mean(run[name]["kid"] for run in runs) for name in ("generator", "average")]
        healthy = sum(run["healthy"] for run in runs)
        print(f"{row:<32} generator {means[0]:.3f} ({', '.join(kids[0])})  average {means[1]:.3f} "
              f"({', '.join(kids[1])})  healthy {healthy} of {len(runs)}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels")
    parser.add_argument("weights")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--settings", nargs="*", choices=SETTINGS, default=list(SETTINGS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, dict[str, Any]] = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    for seed in range(asked.seeds):
        for name in asked.settings:
            path = train(name, seed, asked.size, asked.labels, asked.folder)
            if path.name not in found:
                found[path.name] = measure(path, asked.weights)
                FOUND.write_text(json.dumps(found, indent=2) + "\n")
                report({path.name: found[path.name]})
    report(found)


if __name__ == "__main__":
    main()
