from pathlib import Path

import pytest
import yaml

from emotionart.config.compose import compose
from emotionart.config.groups import CONF
from emotionart.config.validate import check


def mistakes(*overrides: str) -> str:
    return "\n".join(str(mistake) for mistake in check(compose(overrides)))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trainer.max_epochs=ten", "trainer.max_epochs must be a whole number or null, not 'ten'."),
        ("trainer.max_epochs=2.5", "trainer.max_epochs must be a whole number or null, not 2.5."),
        ("seed=abc", "seed must be a whole number, not 'abc'."),
        ("seed=true", "seed must be a whole number, not True."),
        ("seed=-1", "seed must be from 0 to 2,147,483,648, not -1."),
        ("data.fold=2", "A fold is one of several."),
        ("data.folds=5", "Of 5 folds one is held out, 0 to 4."),
        ("data.validation_folds=4", "Of 4 folds one is held out, 0 to 3."),
        ("batch_size=0", "batch_size must be from 1 to 1,048,576, not 0."),
        ("trainer.threads=many", "trainer.threads must be a whole number or null, not 'many'."),
        ("model.network.channels=16", "model.network.channels must be a list of whole numbers, not 16."),
        ("model.network.dropout=2", "model.network.dropout must be from 0 to 1, not 2."),
        ("data.on_bad=skp", "data.on_bad is one of error, skip, not 'skp'."),
        ("labels.unknown=eror", "labels.unknown is one of error, drop, not 'eror'."),
        ("labels.noun=feeling", "labels.noun is one of class, emotion, not 'feeling'."),
        ("logger.mode=onlin", "logger.mode is one of auto, online, offline, disabled, not 'onlin'."),
        ("model.class_weights=even", "model.class_weights is one of none, balanced, not 'even'."),
        ("monitor=val/lss", "The model logs no metric 'val/lss'; it logs val/loss, val/acc"),
        ("optimizer.lr=fast", "optimizer.lr must be a number, not 'fast'."),
        ("optimizer.lr=-1", "optimizer.lr must be from 0 to 1e+09, not -1."),
        ("data.only=potraits", "data.only is one of portraits, null, not 'potraits'."),
        ("trainer.devices=2", "Several devices share the work of a run by trainer=ddp."),
        ("augment.views=[flip]", "The first view must be 'identity', not 'flip'."),
        ("augment.views=[identity,flop]", "There is no view 'flop'."),
    ],
)
def test_a_wrong_value_is_told_in_one_line(override: str, message: str) -> None:
    assert mistakes(override).startswith(message)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.representation.size=48", "Generated pictures have a side of 16, 32, 64, 128 or 256 pixels, not 48."),
        ("model.representation.size=512", "fix: model.representation.size=256"),
        ("generator.size=32", "generator.size is 32, but the pictures have 64 pixels: both networks must fit them."),
        ("discriminator.size=32", "discriminator.size is 32, but the pictures have 64 pixels"),
        ("explain=true", "A GAN predicts no classes, so there is nothing to explain."),
        ("optimizer=sgd", "A GAN has two players, each with a learning rate of its own."),
        ("scheduler=cosine", "model=gan does not use the group 'scheduler'."),
        ("callbacks=early_stopping", "model=gan does not use the group 'callbacks'."),
        ("model.loss=wasserstein", "model.loss is one of nonsaturating, hinge, relativistic, not 'wasserstein'."),
        ("model.diffaugment=[color]", "model.diffaugment must be a list of colour, translation, cutout"),
        ("generator.norm=layer", "generator.norm is one of batch, none, not 'layer'."),
        ("model.r1=-1", "model.r1 must be from 0 to 1e+09, not -1."),
        ("model.images=0", "model.images must be from 1"),
        ("trainer.gradient_clip_val=1", "A GAN's two players take their steps in turn"),
        ("trainer.accumulate_grad_batches=2", "fix: without trainer.accumulate_grad_batches"),
    ],
)
def test_a_wrong_setting_of_a_gan_is_told(override: str, message: str) -> None:
    assert message in mistakes("model=gan", override)


def test_a_classifier_needs_no_judge() -> None:
    assert "this model generates nothing" in mistakes("judge=outputs/runs/x")
    assert mistakes("model=acgan", "judge=outputs/runs/x") == ""


def test_the_two_players_optimizer_is_none_of_a_classifiers() -> None:
    assert "fix: optimizer=adam" in mistakes("optimizer=adam_gan")
    assert mistakes("model=gan") == mistakes("model=gan_study", "generator=fc", "discriminator=fc") == ""


@pytest.mark.parametrize(
    ("override", "fix"),
    [
        ("data.on_bad=skp", "fix: data.on_bad=skip"),
        ("monitor=val/lss", "fix: monitor=val/loss"),
        ("monitor=accuracy", "fix: monitor=val/acc"),
    ],
)
def test_the_nearest_value_is_shown(override: str, fix: str) -> None:
    assert fix in mistakes(override)


def test_right_values_are_left_alone() -> None:
    assert mistakes() == ""
    assert mistakes("optimizer.lr=1", "trainer.max_epochs=null", "trainer.devices=auto") != ""
    assert mistakes("optimizer.lr=1", "model.network.hidden=[]", "augment=random", "callbacks=early_stopping") == ""


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_networks.Net", "'no_networks.Net' cannot be imported"),
        ("emotionart.networks.shallow.ShalowNet", "did you mean: ShallowNet"),
        ("Net", "'Net' is not the dotted name"),
    ],
)
def test_a_target_that_is_not_there_is_named(target: str, message: str) -> None:
    text = mistakes(f"model.network._target_={target}")
    assert message in text
    assert "model.network._target_" in text


def test_a_parameter_that_a_target_does_not_have_is_named() -> None:
    assert "torch.optim.Adam has no parameter 'momentum'." in mistakes("+optimizer.momentum=0.9")


def test_every_row_of_the_grid_of_gans_is_right() -> None:
    sweep = yaml.safe_load((CONF / "sweep" / "gan_grid.yaml").read_text())
    (key, values), *others = sweep["grid"].items()
    assert not others
    cells = [[*sweep["common"], *row, f"{key}={value}"] for row in sweep["rows"].values() for value in values]
    assert len(cells) == 12
    assert all(mistakes(*cell) == "" for cell in cells)


def test_a_model_of_ones_own_is_told_of_the_fit(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    text = (CONF / "model/shallow_arch1.yaml").read_text().replace("  fit: ${data.fit}\n", "")
    (tmp_path / "model/mine.yaml").write_text(text)
    asked = [f"hydra.searchpath=[{tmp_path}]", "model=mine"]
    assert check(compose(asked)) == []
    (mistake,) = check(compose([*asked, "data.fit=crop"]))
    assert mistake.where == "model.representation.fit"
    assert check(compose([*asked, "data.fit=crop", mistake.fix or ""])) == []
