"""What each part of `model=gan_projected` does early in training: rows that differ from the recipe in one setting.

    python studies/gan_projected.py LABELS.csv EFFICIENTNET.safetensors SQUEEZENET.safetensors YOLO.pt FOLDER
    python studies/gan_projected.py … --settings recipe bilinear

Trains and evaluates the rows one after the other, as `studies/gan_portraits.py` does, and resumes interrupted ones.
Writes `studies/results/gan_projected.json` after each row, whose entries are not measured again, and prints the table.
"""

from pathlib import Path
from typing import Any

import torch
from gan_portraits import Results, parser, train

FOUND = Path(__file__).parent / "results" / "gan_projected.json"
RECIPE = ["model=gan_projected", "model.report_every=2500"]
CHANGES = {
    "recipe": [],
    "no_pixels": ["discriminator.pixels=false"],
    "features_64px": ["discriminator.backbone.size=64"],
    "no_excitation": ["generator.skip_excitation=false"],
    "bilinear": ["generator.upsampling=bilinear"],
    "noise": ["generator.noise=true"],
    "rates_doubled": ["optimizer.lr_generator=4e-4", "optimizer.lr_discriminator=4e-4"],
    "batch_16": ["batch_size=16"],
    "rates_halved": ["optimizer.lr_generator=1e-4", "optimizer.lr_discriminator=1e-4"],
    "batch_64": ["batch_size=64"],
}


def described(run: str) -> str:
    """The changed settings of a run, and its number of pictures."""
    name, _, images = run.rpartition("-")
    return f"{' '.join(CHANGES[name]) or 'the recipe'}, {int(images):,} pictures"


def table(found: dict[str, dict[str, Any]]) -> None:
    """Prints the rows of `gan_projected.md`."""
    rows = {described(run): row["painted"] for run, row in found.items()}
    rows["real training portraits"] = next(iter(found.values()))["real"]
    for name, row in rows.items():
        print(f"| {name} | {row['kid']:.2f} ± {row['kid_deviation']:.2f} | {row['fid']:.0f} | {row['precision']:.1%} | "
              f"{row['recall']:.1%} | {row['persons']:.1%} |")  # fmt: skip


def main() -> None:
    asked = parser(__doc__, 10_000, CHANGES).parse_args()
    torch.set_num_threads(1)
    results = Results(FOUND, asked)
    for name in asked.settings:
        results.add(train(name, [*RECIPE, *CHANGES[name]], asked))
    table(results.found)


if __name__ == "__main__":
    main()
