"""Does `emotionart units --concept` find what is there, and nothing else? On the gallery, where the truth is known.

    python studies/concepts.py --folder RUN        # trains the run first, where there is none

Each thing that paintings hold is a concept: 17 training works with it. Its class is that of most works with it. Then
folders of 17 random training works with nothing in common, by the test of `emotionart units` and by that of Kim et
al. (2018): Welch's t-test between scores of the folder and of random folders, each against other counterexamples.
Writes `studies/results/concepts.json` and `docs/figures/concepts.png`, and prints the tables of `studies/concepts.md`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.classifier.evaluation.tested import load_tested
from emotionart.config.compose import compose
from emotionart.config.overrides import quote
from emotionart.data.artworks import Artworks
from emotionart.data.gallery.gallery import find_object
from emotionart.explain.model import picture_network
from emotionart.explain.units.activations import Works, activations
from emotionart.explain.units.concept_vectors import Sensitivities, class_gradients, concept_vector
from emotionart.explain.units.random_folders import monte_carlo_p, random_scores
from emotionart.figures import plots
from emotionart.figures.concepts import Push, pushes
from emotionart.pipeline import run
from emotionart.run.folder import RunFolder
from emotionart.statistics.significance import holm

RESULTS = Path(__file__).parent / "results" / "concepts.json"
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "concepts.png"
RUN = ("model=shallow_arch2", "logger=none", "trainer.threads=1", "figures=later")
SIZE, LEVEL = 17, 0.05
FOLDERS, KIM_FOLDERS, COUNTERS = 400, 50, (10, 30)
DRAWN = ("skull", "flower", "book", "random works")

Array = NDArray[np.float64]


def draw(count: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """A folder of random works among so many."""
    inside = np.zeros(count, dtype=bool)
    inside[generator.choice(count, SIZE, replace=False)] = True
    return inside


def scores(pool: Array, inside: NDArray[np.bool_], outside: NDArray[np.bool_], sensitivities: Sensitivities) -> Array:
    """TCAV score and mean derivative for each class, (2, S)."""
    return sensitivities.along(concept_vector(pool[inside], pool[outside]))


def p_values(slopes: Array, null: Array) -> list[float]:
    """Of each class's mean derivative (S,) among those of random folders (R, S), not corrected."""
    return [monte_carlo_p(float(value), null[:, k]) for k, value in enumerate(slopes)]


def kim_p_values(
    pool: Array, folder: NDArray[np.bool_], sensitivities: Sensitivities, counters: int, seed: int
) -> list[float]:
    """The test of Kim et al., for each class: as many random folders as counterexamples, each against its own."""
    generator, own, others = np.random.default_rng(seed), [], []
    for _ in range(counters):
        counter, random = np.flatnonzero(~folder)[_two(int((~folder).sum()), generator)]
        own.append(sensitivities.along(concept_vector(pool[folder], pool[counter]))[0])
        others.append(sensitivities.along(concept_vector(pool[random], pool[counter]))[0])
    found = stats.ttest_ind(np.array(own), np.array(others), equal_var=False).pvalue
    return [1.0 if np.isnan(one) else float(one) for one in found]  # both always 0 or always 1


def _two(count: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """(2, SIZE): two folders without a work in common."""
    return generator.choice(count, 2 * SIZE, replace=False).reshape(2, SIZE)


def objects(artworks: Artworks, train: NDArray[np.intp]) -> dict[str, tuple[str, NDArray[np.bool_]]]:
    """Of each thing its class, and which of the training works are its folder."""
    names = np.array([find_object(Path(str(path))) for path in artworks.image], dtype=object)
    found = {}
    for name in sorted(set(names)):
        label = np.bincount(artworks.label[names == name]).argmax()
        inside = np.zeros(len(train), dtype=bool)
        inside[np.flatnonzero(names[train] == name)[:SIZE]] = True
        found[name] = (artworks.classes[label], inside)
    return found


def measure(folder: Path) -> dict[str, Any]:
    """Everything that is told, of a run of the gallery."""
    tested = load_tested(RunFolder(folder), trust=False)
    artworks, network = tested.artworks, picture_network(tested.predictor)
    assert network is not None
    train, test = artworks.indices("train"), artworks.indices("test")
    layer = UnitLayer(network, "trunk", 1)
    answers = activations(layer, Works(artworks.pixels, artworks.row[train]), "training works").mean
    spread = answers.std(0) + (answers.std(0) == 0)
    pool, label = (answers - answers.mean(0)) / spread, artworks.label[test]
    sensitivities = Sensitivities(
        class_gradients(layer, artworks.pixels[artworks.row[test]], label, spread), label, np.unique(label)
    )
    classes = [artworks.classes[k] for k in sensitivities.classes]
    things = objects(artworks, train)
    null = random_scores(pool, SIZE, 50 * len(things) * len(classes), sensitivities)[:, 1]
    middle, deviation, generator = null.mean(0), null.std(0), np.random.default_rng(1)
    found = {name: scores(pool, inside, ~inside, sensitivities) for name, (_, inside) in things.items()}
    corrected = holm([p for tcav, slopes in found.values() for p in p_values(slopes, null)]).reshape(len(found), -1)
    random = [draw(len(pool), generator) for _ in range(FOLDERS)]
    drawn = [scores(pool, inside, ~inside, sensitivities) for inside in random]
    false = {"emotionart units": [min(holm(p_values(slopes, null))) < LEVEL for _, slopes in drawn]}
    for counters in COUNTERS:
        kim = [kim_p_values(pool, one, sensitivities, counters, seed) for seed, one in enumerate(random[:KIM_FOLDERS])]
        false[f"Kim et al., {counters} counterexamples"] = [min(holm(each)) < LEVEL for each in kim]
    rows = {
        name: {
            "class": things[name][0],
            "tcav": dict(zip(classes, found[name][0].tolist(), strict=True)),
            "push": dict(zip(classes, ((found[name][1] - middle) / deviation).tolist(), strict=True)),
            "p": dict(zip(classes, p.tolist(), strict=True)),
        }
        for name, p in zip(found, corrected, strict=True)
    }
    ends = ((np.quantile(null, (0.025, 0.975), axis=0) - middle) / deviation).T.tolist()
    return {
        "classes": classes,
        "objects": rows,
        "random works": dict(zip(classes, ((drawn[0][1] - middle) / deviation).tolist(), strict=True)),
        "ends": dict(zip(classes, ends, strict=True)),
        "random_zero_or_one": float(np.mean([np.isin(tcav, (0, 1)) for tcav, _ in drawn])),
        "false": {test: [int(sum(each)), len(each)] for test, each in false.items()},
    }


def panel(told: dict[str, Any], name: str) -> tuple[str, list[Push]]:
    """What the figure shows of a concept."""
    row = told["objects"].get(name)
    push = row["push"] if row else told["random works"]
    return name, [
        Push(one, push[one], *told["ends"][one], row is not None and row["p"][one] < LEVEL) for one in told["classes"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("outputs/concepts"), help="of the run")
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"))
    arguments = parser.parse_args()
    if not (arguments.folder / "result.json").exists():
        asked = [*RUN, f"cache={quote(str(arguments.cache))}"]
        composed = compose(asked)
        arguments.folder.mkdir(parents=True, exist_ok=True)
        run(composed, arguments.folder)
    told = measure(arguments.folder)
    RESULTS.write_text(json.dumps(told, indent=2) + "\n")
    for name, row in told["objects"].items():
        own = row["class"]
        others = [one for one in told["classes"] if one != own and row["p"][one] < LEVEL]
        others = [f"{one} {row['push'][one]:+.1f}" for one in others]
        cells = [name, own, f"{row['push'][own]:+.1f}", f"{row['tcav'][own]:.2f}", f"{row['p'][own]:.3f}"]
        print(f"| {' | '.join([*cells, ', '.join(others) or '–'])} |")
    for test, (wrong, count) in told["false"].items():
        print(f"| {test} | {wrong} of {count} | {100 * wrong / count:.0f} |")
    print(f"random folders with a TCAV score of 0 or 1: {told['random_zero_or_one']:.0%}")
    plots.save(pushes([panel(told, name) for name in DRAWN]), FIGURE)


if __name__ == "__main__":
    main()
