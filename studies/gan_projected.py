"""What each part of `model=gan_projected` does early in training: rows that differ from the recipe in one setting.

    python studies/gan_projected.py LABELS.csv EFFICIENTNET.safetensors SQUEEZENET.safetensors YOLO.pt FOLDER
    python studies/gan_projected.py … --settings recipe bilinear

Trains and evaluates the rows one after the other, as `studies/gan_portraits.py` does, and resumes interrupted ones.
Writes `studies/results/gan_projected.json` after each row; what is in it is not measured again.
"""

from pathlib import Path

import torch
from gan_portraits import Results, parser, report, train

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


def main() -> None:
    asked = parser(__doc__, 10_000, CHANGES).parse_args()
    torch.set_num_threads(1)
    results = Results(FOUND, asked)
    for name in asked.settings:
        results.add(train(name, [*RECIPE, *CHANGES[name]], asked))
    report(results.found)


if __name__ == "__main__":
    main()
