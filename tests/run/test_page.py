"""A run's page: everything that a reader needs, in one file."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from emotionart.classifier.evaluation.result import findings

Done = tuple[Path, dict]


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.replace("&#39;", "'").replace("&amp;", "&")))


def test_the_page_of_a_classifier_holds_findings_classes_mistakes_and_provenance(done_run: Done) -> None:
    folder, result = done_run
    page = (folder / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|\./)', page), "nothing outside of the page and its folder"
    shown = text_of(page)
    assert all(" ".join(sentence.split()) in shown for sentence in findings(result))
    tested = pd.read_csv(folder / "predictions.csv").query("part == 'test'")
    wrong = tested[tested["class"] != tested["predicted"]].copy()
    wrong["p"] = wrong.filter(like="p(").max(axis=1)
    worst = wrong.sort_values("p", ascending=False).iloc[0]
    assert f"{worst['class']}, taken for {worst['predicted']} ({worst['p']:.0%})" in shown
    split = pd.read_csv(folder / "split.csv").set_index("id").loc[worst["id"]]
    assert split["group"].startswith("artist ")
    assert f"{split['group']}, {Path(split['image']).name}" in shown
    for name in result["classes"]:
        right, guessed = tested[tested["predicted"] == name], (tested["predicted"] == name).sum()
        if guessed:
            assert f"{(right['class'] == name).mean():.1%}" in shown, "precision"
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["data"] in shown
    assert f"emotionart predict {folder}" in shown
    assert f"python train.py resume={folder} trainer.max_epochs=6" in shown


def test_the_page_of_a_gan_shows_its_grids_by_time(tiny_run: Callable[..., Done]) -> None:
    tiny = ["model=gan", "generator.width=8", "discriminator.width=8", "model.images=64", "model.report_every=32"]
    folder, _ = tiny_run(*tiny, "figures=now")
    shown = text_of((folder / "report.html").read_text())
    assert all(f"{images} images" in shown for images in (0, 32, 64))
    assert "deconv against cnn: 64 images seen" in shown
    assert f"emotionart generate {folder} --out FOLDER" in shown
