"""TCAV where the truth is known: planted colours, captum as oracle, random folders."""

from pathlib import Path

import numpy as np
import pytest
import torch
from captum.concept import TCAV
from captum.concept import Concept as CaptumConcept
from captum.concept._utils.classifier import Classifier
from scipy import stats
from torch import nn

from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.errors import UserError
from emotionart.explain.units import concepts as concepts_module
from emotionart.explain.units.activations import Works, activations
from emotionart.explain.units.concept_vectors import (
    Sensitivities,
    class_gradients,
    concept_vector,
    held_out_accuracy,
)
from emotionart.explain.units.concepts import Concept, ConceptScore, score_concepts
from emotionart.explain.units.random_folders import monte_carlo_p
from emotionart.networks.normalise import NormalisePixels
from tests.explain.units.planted import pictures


class Channels(nn.Module):
    """Six units: the three channels and their complements, in cells of 8 x 8 pixels."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return nn.functional.avg_pool2d(torch.cat([pictures, 1 - pictures**2], 1), 8)


def network(places: int = 16) -> PictureNetwork:
    """Three classes; a head with a hidden layer, on the means of units or on all of their places."""
    torch.manual_seed(0)
    reduce = nn.AdaptiveAvgPool2d(1) if places == 1 else nn.Identity()
    head = nn.Sequential(reduce, nn.Flatten(), nn.Linear(6 * places, 8), nn.Tanh(), nn.Linear(8, 3))
    return PictureNetwork(NormalisePixels([0.0] * 3, [255.0] * 3), Channels(), head).eval()


def trunk(network: PictureNetwork) -> UnitLayer:
    return UnitLayer(network, "trunk", 1)


def means(network: PictureNetwork, made: np.ndarray) -> np.ndarray:
    return activations(trunk(network), Works.all_of(made), "works").mean


def standardised(network: PictureNetwork, made: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    answers = means(network, others)
    return (means(network, made) - answers.mean(0)) / answers.std(0), answers.std(0)


def test_directions_are_those_of_the_probabilities_by_finite_differences() -> None:
    whole, made, label = network(), pictures(np.arange(6) % 2), np.arange(6) % 3
    spread = np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])
    found = class_gradients(trunk(whole), made, label, spread)
    with torch.no_grad():
        grid = whole.features(torch.from_numpy(made).permute(0, 3, 1, 2).float() / 255).double()
        head = whole.head.double()
        step = 1e-4 * torch.from_numpy(np.diag(spread))[:, None, :, None, None]  # all cells of one unit
        up, down = (torch.softmax(head((grid + sign * step).flatten(0, 1)), 1).reshape(6, 6, 3) for sign in (1, -1))
    slope = (up - down).numpy()[:, np.arange(6), label].T
    assert found == pytest.approx(slope / np.linalg.norm(slope, axis=1, keepdims=True), abs=1e-4)


class GivenVector(Classifier):
    """Captum's place for a linear classifier, with ours in it."""

    def __init__(self) -> None:
        pass

    def train_and_eval(self, dataloader, **kwargs):  # type: ignore[no-untyped-def]
        values, names = (torch.cat(part).numpy() for part in zip(*dataloader, strict=True))
        self.vector = torch.from_numpy(concept_vector(values[names == 0], values[names == 1]))

    def weights(self) -> torch.Tensor:
        return torch.stack([self.vector, -self.vector])

    def classes(self) -> list[int]:
        return [0, 1]


def test_tcav_scores_are_captums(tmp_path: Path) -> None:
    """On a network whose layer holds the standardised means, which is where captum looks for concepts."""
    whole, generator = network(places=1), np.random.default_rng(0)
    others, works = (generator.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8) for count in (40, 60))
    examples = pictures(np.zeros(12, int))
    label = np.arange(60) % 3
    inside, spread = standardised(whole, examples, others)
    outside, _ = standardised(whole, others, others)
    middle = means(whole, others).mean(0)

    class Means(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Identity()

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            means = self.layer(
                (whole.features(batch).mean((2, 3)) - torch.from_numpy(middle)) / torch.from_numpy(spread)
            )
            back = means * torch.from_numpy(spread) + torch.from_numpy(middle)
            return torch.softmax(whole.head(back.float()[:, :, None, None]), 1)

    def tensor(made: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(made).permute(0, 3, 1, 2).float() / 255

    oracle = TCAV(Means(), ["layer"], classifier=GivenVector(), save_path=str(tmp_path))
    sets = [CaptumConcept(0, "examples", [tensor(examples)]), CaptumConcept(1, "others", [tensor(others)])]
    sensitivities = Sensitivities(class_gradients(trunk(whole), works, label, spread), label, np.arange(3))
    tcav, slope = sensitivities.along(concept_vector(inside, outside))
    for k in range(3):
        told = oracle.interpret(tensor(works[label == k]), [sets], target=k)["0-1"]["layer"]
        assert float(told["sign_count"][0]) == pytest.approx(tcav[k])
        assert np.sign(float(told["magnitude"][0])) == np.sign(slope[k])
    assert len({*tcav}) > 1, "all alike would tell nothing"


def colourful(colour: int, count: int, seed: int) -> np.ndarray:
    """Pictures of noise of any brightness, with more or less of one channel."""
    generator = np.random.default_rng(seed)
    made = generator.integers(0, 120, (count, 1, 1, 3)) + generator.integers(0, 60, (count, 32, 32, 3))
    made[..., colour] += 60
    return made.astype(np.uint8)


def test_a_colour_pushes_towards_its_class_and_random_works_nowhere() -> None:
    linear = nn.Linear(6, 3, bias=False)
    linear.weight = nn.Parameter(torch.cat([8 * torch.eye(3), torch.zeros(3, 3)], 1))  # class k likes channel k
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear)
    whole = PictureNetwork(NormalisePixels([0.0] * 3, [255.0] * 3), Channels(), head).eval()
    others = np.concatenate([colourful(k, 40, k) for k in range(3)])
    works = np.concatenate([colourful(k, 20, 3 + k) for k in range(3)])
    drawn = np.random.default_rng(9).choice(120, 20, replace=False)
    names = np.arange(120).astype(str).astype(object)
    concepts = [
        Concept("blue", colourful(2, 20, 6), frozenset({"another"})),
        Concept("anything", others[drawn], frozenset(names[drawn])),
    ]
    found = score_concepts(trunk(whole), concepts, others, names, works, np.repeat(np.arange(3), 20), ["r", "g", "b"])
    told = {(one.concept, one.class_name): one for one in found}
    assert list(told) == [(concept.name, name) for concept in concepts for name in "rgb"]
    blue = told["blue", "b"]
    assert blue.p_value < 0.05
    assert blue.tcav == 1
    assert blue.z > blue.random_high > 0
    assert blue.examples == blue.works == 20
    assert blue.accuracy > 0.6
    assert all(told["blue", name].z < 0 for name in "rg")
    assert all(told["anything", name].p_value > 0.05 for name in "rgb")
    assert told["anything", "r"].accuracy < 0.6


def test_random_folders_score_as_chance_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether their works are among the training works or not, 5 % lie outside of the range of 95 %."""
    monkeypatch.setattr(concepts_module, "_RANDOM_PER_TEST", 1)  # corrected p-values are not looked at
    generator = np.random.default_rng(0)
    others, fresh = (np.concatenate([colourful(k, count, count + k) for k in range(3)]) for count in (20, 200))
    names = np.arange(60).astype(str).astype(object)
    drawn = [generator.choice(60, 20, replace=False) for _ in range(100)]
    known = [Concept(f"known {k}", others[one], frozenset(names[one])) for k, one in enumerate(drawn)]
    new = [Concept(f"new {k}", generator.choice(fresh, 20), frozenset()) for k in range(50)]
    works, label = colourful(0, 10, 9), np.zeros(10, np.int64)
    found = score_concepts(trunk(network(places=1)), [*known, *new], others, names, works, label, ["a", "b", "c"])
    z, low, high = np.array([(one.z, one.random_low, one.random_high) for one in found]).T
    outside = (z < low) | (z > high)
    assert stats.binomtest(int(outside[:100].sum()), 100, 0.05).pvalue > 0.05
    assert stats.binomtest(int(outside[100:].sum()), 50, 0.05, "greater").pvalue > 0.05
    assert z[:100].std() == pytest.approx(1, abs=0.15)
    assert z[:100].mean() == pytest.approx(0, abs=0.2)


def test_a_p_value_counts_random_values_as_far_from_their_mean() -> None:
    null = np.array([9.0, 10, 11, 14, 6])
    assert [monte_carlo_p(value, null) for value in (10, 11.5, 8.5, 14, 99)] == [1, 3 / 6, 3 / 6, 3 / 6, 1 / 6]


def test_a_class_that_nothing_changes_is_told_from_nothing() -> None:
    whole = network(places=1)
    nn.init.zeros_(whole.head[2].weight)  # type: ignore[index,arg-type]
    others = colourful(0, 20, 0)
    concept, names = Concept("blue", colourful(2, 10, 1), frozenset()), np.arange(20).astype(object)
    (found,) = score_concepts(trunk(whole), [concept], others, names, others, np.zeros(20, np.int64), ["a", "b", "c"])
    assert (found.z, found.random_low, found.random_high, found.p_value) == (0, 0, 0, 1)


def test_accuracy_is_of_examples_that_were_not_learnt_from() -> None:
    generator = np.random.default_rng(0)
    inside, outside = generator.normal(size=(15, 40)), generator.normal(size=(90, 40))
    assert 0.3 < held_out_accuracy(inside, outside) < 0.7
    assert held_out_accuracy(inside + 2, outside) > 0.9


def test_a_run_on_few_works_has_no_random_folders() -> None:
    few = colourful(0, 19, 0)
    with pytest.raises(UserError, match="20 training works; this run has 19"):
        score_concepts(trunk(network()), [], few, np.arange(19).astype(object), few, np.zeros(19, np.int64), ["a", "b"])


def test_a_folder_of_most_training_works_is_refused() -> None:
    """Of more than half, too few others would be left: random folders meet more."""
    many, names = colourful(0, 20, 0), np.arange(20).astype(str).astype(object)
    concepts = [Concept(str(count), many[:count], frozenset(names[:count])) for count in (10, 11, 20)]

    def score(*concepts: Concept) -> list[ConceptScore]:
        return score_concepts(trunk(network()), concepts, many, names, many, np.zeros(20, np.int64), ["a", "b", "c"])

    with pytest.raises(UserError, match=r"2 mistakes(?s:.*)11 of 20(?s:.*)20 of 20"):
        score(*concepts)
    assert [one.examples for one in score(concepts[0])] == [10]
