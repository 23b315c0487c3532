"""What a user's mistakes are told, and that each fix which is shown works."""

import re
import shlex
from pathlib import Path

import pytest

from emotionart.config.compose import compose_with_errors
from emotionart.config.overrides import override_key
from emotionart.config.validate import check_with
from emotionart.errors import UserError

LIGHTNING = "pytorch_lightning.callbacks"
TRANSFER = "model=transfer model.backbone.name=vgg16"
LOGISTIC = f"{TRANSFER} model/head=logistic"
PLATEAU = "scheduler=plateau"
STOPS = "callbacks.early_stopping"
STOPPING = f"callbacks=early_stopping {STOPS}"

ALONE = "trainer=default trainer.devices=1"

MISTAKES = [
    # overrides, what is wrong, the fix
    ("model=resnet18", "There is no model 'resnet18'.", "model=transfer model.backbone.name=resnet18"),
    ("data.path=x.csv", "There is no key 'data.path'.", "data=table data.path=x.csv"),
    ("data.path=pictures", "There is no key 'data.path'.", "data=folder data.path=pictures"),
    ("data.path=x.csv data.label=mood", "There is no key 'data.path'.", "data=table data.path=x.csv"),
    ("image_size=32", "There is no key 'image_size'.", "model.representation.size=32"),
    (f"{TRANSFER} image_size=96", "There is no key 'image_size'.", "model.backbone.size=96"),
    (f"{TRANSFER} model.representation.size=96", "There is no key 'model.representation", "model.backbone.size=96"),
    ("hydra/sweeper=optuna", "Hyperparameters are searched by sweep.py", "python sweep.py search=optuna"),
    ("model=vgg17 model.backbone.size=112", "There is no model 'vgg17'.", "model=vgg16_tl"),
    ("model=shalow_arch2", "There is no model 'shalow_arch2'.", "model=shallow_arch2"),
    ("model=transfer_pyramid model.backbone.name=vgg16", "There is no model 'transfer_pyramid'.", "model=transfer"),
    ("model=zzz", "There is no model 'zzz'.", None),
    ("zzz=1", "There is no key 'zzz'.", None),
    ("compile=true", "There is no key 'compile'.", None),
    ("+compile=true", "Nothing uses the key 'compile'.", None),
    ("+augment.mixup=0.2", "Nothing uses the key 'augment.mixup'.", None),
    ("+logger.colour=x", "Nothing uses the key 'logger.colour'.", None),
    ("+data.foo=1", "emotionart.data.source.Gallery has no parameter 'foo'.", None),
    ("model=cv_fc +model.texture.foo=1", "Nothing uses the key 'model.texture.foo'.", None),
    ("data=table data.path=x.csv data.columns=image,label", "takes one value", "'data.columns=[image,label]'"),
    ("data=table data.path=x.csv data.extension=jpg,png", "takes one value", "'data.extension=\"jpg,png\"'"),
    ("data=table data.path=x.csv data.votes=[joy,fear", "cannot be read", "'data.votes=[joy,fear]'"),
    ("zzz=1,2", "There is no key 'zzz'.", None),
    ("batch_size=8,16", "run one after the other by: python train.py -m batch_size=8,16", None),
    ("data=table data.path=x.csv data.count=9", "There is no key 'data.count'. data=gallery has one.", None),
    ("optimizer.momentum=0.9", "There is no key 'optimizer.momentum'.", "optimizer=sgd optimizer.momentum=0.9"),
    ("optimizer.fused=true", "There is no key 'optimizer.fused'.", "+optimizer.fused=true"),
    ("model.lrr=3", "There is no key 'model.lrr'.", "optimizer.lr=3"),
    ("generator=fc", "model=shallow_arch1 does not use the group 'generator'.", "without generator=fc"),
    ("monitor=accuracy", "The model logs no metric 'accuracy'", "monitor=val/acc"),
    ("data.on_bad=skp", "data.on_bad is one of error, skip, not 'skp'.", "data.on_bad=skip"),
    ("data.on_bad=zzz", "data.on_bad is one of error, skip, not 'zzz'.", None),
    ("trainer.devices=2", "Several devices share the work of a run by trainer=ddp", "trainer=ddp trainer.devices=2"),
    ("trainer.devices=-1", "Devices are a number, a list of numbers, or auto.", "trainer.devices=1"),
    ("trainer.num_nodes=2", "A run trains on one machine.", "trainer.num_nodes=1"),
    ("trainer=ddp batch_size=33", "A batch of 33 cannot be shared evenly by 2 devices.", "batch_size=34"),
    ("trainer.devices=2 model=gan", "Several devices share the work of a run", "trainer=ddp trainer.devices=2"),
    ("trainer=ddp model=cv_fc augment=none", "A head on hand-engineered features, which", ALONE),
    ("trainer.max_epochs=null", "Training would never end.", "trainer.max_epochs=30"),
    (f"{TRANSFER} model.backbone.size=8", "vgg16 takes no pictures of 8 pixels", "model.backbone.size=null"),
    (f"{TRANSFER} model.backbone.pool=grid", "vgg16: features of different shapes", "model.backbone.layer=null"),
    (f"{TRANSFER} model.layer_decay=0.5", "Only a backbone that is trained has", "model.freeze=none"),
    ("model.layer_decay=0.5", "Only a backbone that is trained has", "model.layer_decay=1.0"),
    ("model=gan model.representation.size=48", "Generated pictures have a side of", "model.representation.size=32"),
    ("model=gan scheduler=cosine", "model=gan does not use the group 'scheduler'.", "without scheduler=cosine"),
    ("optimizer=adam_gan", "This optimizer is for the two players of a GAN.", "optimizer=adam"),
    ("augment.views=[flip]", "The first view must be 'identity'", "augment.views='[identity, flip]'"),
    # Values that would end in a traceback later.
    ("model.network.kernel_size=0", "model.network.kernel_size must be from 1 to 255, not 0.", None),
    ("model.network.channels=[]", "model.network.channels must have at least 1 value, not [].", None),
    ("data=table data.path=x.csv data.label_separator=", "data.label_separator must be text or null, not ''.", None),
    ("labels=quantiles labels.bins=1", "labels.bins must be from 2 to 100, not 1.", None),
    ("model.representation.mean=[0.5]", "model.representation.mean must have 3 values, not [0.5].", None),
    ("optimizer.betas=[2,3]", "torch.optim.Adam refuses its arguments: Invalid beta", None),
    ("cache=/dev/null", "Nothing can be kept in this folder: /dev/null is not a folder.", None),
    ("trainer.max_time=soon", "Lightning's Trainer refuses this:", None),
    ("trainer.profiler=zzz", "Lightning's Trainer refuses this:", None),
    ("trainer.overfit_batches=2.0", "A run has an order of batches of its own", "trainer.limit_train_batches=2"),
    ("trainer.accumulate_grad_batches=0", "trainer.accumulate_grad_batches must be from 1", None),
    ("trainer.check_val_every_n_epoch=0", "trainer.check_val_every_n_epoch must be from 1", None),
    ("trainer.limit_val_batches=0", "trainer.limit_val_batches must be above 0, not 0.", None),
    ("trainer.check_val_every_n_epoch=31", "No epoch would be validated", "trainer.check_val_every_n_epoch=30"),
    (f"{PLATEAU} trainer.check_val_every_n_epoch=2", "This schedule follows", "trainer.check_val_every_n_epoch=1"),
    (f"{STOPPING}.monitor=val/nlll", "The model logs no metric 'val/nlll'", f"{STOPS}.monitor=val/nll"),
    (f"{STOPPING}.monitor=train/acc", "train/acc is not known yet", f"{STOPS}.check_on_train_epoch_end=true"),
    (f"{LOGISTIC} trainer.accumulate_grad_batches=4", "Logistic regression has", "trainer.accumulate_grad_batches=1"),
    ("model=gan trainer.precision=64", "A GAN's noise and pictures are float32", "trainer.precision=bf16-mixed"),
    ("model=gan monitor=val/acc", "A GAN is not validated", "monitor=val/loss"),
    ("model=gan trainer.val_check_interval=9", "A GAN is not validated", "trainer.val_check_interval=null"),
    ("~model.network", "model.network is needed.", "without ~model.network"),
    ("~scheduler._target_", "scheduler._target_ is needed.", "without ~scheduler._target_"),
    ("~optimizer", "The key 'optimizer' is needed, and is not there.", None),
    ("~model.representation", "The key 'model.representation' is needed, and is not there.", None),
    ("monitor=${nope}", "A value cannot be resolved: Interpolation key 'nope' not found.", None),
    ("model.label_smoothing=nan", "model.label_smoothing must be a number, not nan.", None),
    (f"+callbacks.lr._target_={LIGHTNING}.LearningRateMonitor", "wants a logger", "without callbacks.lr"),
    (f"+callbacks.ema._target_={LIGHTNING}.EMAWeightAveraging", "as they were trained", "without callbacks.ema"),
]  # fmt: skip


def all_mistakes(overrides: list[str]) -> list[UserError]:
    composed, mistakes = compose_with_errors(overrides)
    return check_with(mistakes, composed)


def fixed(overrides: list[str], mistake: UserError) -> list[str]:
    """The overrides after a fix has been applied as its words say."""
    assert mistake.fix is not None
    fix = mistake.fix.partition("   ")[0]
    if found := re.fullmatch(r"without (\S+)", fix):
        wrong = override_key(found[1])
        return [text for text in overrides if not override_key(text).startswith(wrong)]
    new = shlex.split(fix)
    replaced = {override_key(text) for text in new} | {override_key(mistake.where or "")}
    return [*(text for text in overrides if override_key(text) not in replaced), *new]


@pytest.mark.parametrize(("overrides", "what", "fix"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_told_once_and_its_fix_works(overrides: str, what: str, fix: str | None) -> None:
    written = overrides.split()
    (mistake, *others) = [one for one in all_mistakes(written) if "data.path must be given" not in one.what]
    assert others == []
    assert mistake.what.startswith(what) or what in mistake.what
    assert (mistake.fix or "").partition("   ")[0] == (fix or "")
    if fix is not None and not fix.startswith("python"):
        assert all_mistakes(fixed(written, mistake)) == []


def test_the_fix_for_an_expression_with_quotes_can_be_pasted() -> None:
    table = ["data=table", "data.path=x.csv"]
    (mistake,) = all_mistakes([*table, "data.where=label == 'joy'"])
    assert mistake.fix is not None
    composed, mistakes = compose_with_errors([*table, *shlex.split(mistake.fix)])
    assert mistakes == []
    assert composed.config.data.where == "label == 'joy'"


@pytest.mark.parametrize(
    "overrides",
    [
        "trainer.devices=[0]",
        "trainer.devices=auto",
        "trainer=ddp trainer.devices=1",
        "trainer=ddp trainer.devices=[0,1]",
        "trainer=ddp model=r3gan",
        "trainer=ddp model=transfer model.backbone.name=resnet18 batch_size=33",
        "trainer=ddp model=vgg16_tl model/head=logistic",
        "trainer=ddp model=transfer model.backbone.name=resnet18 model.freeze=none",
        "+side=32 model.representation.size=${side}",
        "~optimizer.lr",
    ],
)
def test_what_works_is_not_refused(overrides: str) -> None:
    assert all_mistakes(overrides.split()) == []


def test_options_of_a_folder_of_ones_own_are_found_and_named(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/mine.yaml").write_text("# My own\ndefaults: [shallow_arch1, _self_]\nlabel_smoothing: 0.25\n")
    own = f"hydra.searchpath=[{tmp_path}]"
    composed, mistakes = compose_with_errors([own, "model=mine"])
    assert (composed.config.model.label_smoothing, mistakes) == (0.25, [])
    _, (mistake,) = compose_with_errors(["model=mien", own])
    assert mistake.fix == "model=mine"
    with pytest.raises(UserError, match="no such folder of configurations"):
        compose_with_errors([f"hydra.searchpath=[{tmp_path}/away]"])
