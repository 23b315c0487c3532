import shlex
import shutil
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from emotionart.config.compose import compose, compose_sweep_with_errors, compose_with_errors
from emotionart.config.groups import CONF, group_options
from emotionart.config.overrides import with_quotes
from emotionart.config.relevance import difference
from emotionart.config.resolvers import best_is
from emotionart.errors import UserError, UserErrors
from emotionart.quoting import override, quote


def told(*overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        compose(overrides)
    text = str(caught.value)
    assert "Traceback" not in text
    assert "To append" not in text
    return text


def test_a_key_in_the_wrong_place_finds_the_right_one_in_the_whole_tree() -> None:
    text = told("model.lrr=3")
    assert "There is no key 'model.lrr'." in text
    assert "did you mean: optimizer.lr" in text
    assert "fix: optimizer.lr=3" in text
    assert "+" not in text


def test_a_key_that_has_become_two_names_both() -> None:
    assert "did you mean: optimizer.lr_generator, optimizer.lr_discriminator" in told("model=gan", "optimizer.lr=3")


def test_keys_within_a_value_are_given_as_one_mapping(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image,label\n")
    given = ["data=table", f"data.path={tmp_path}/labels.csv", "data.split.train=a.txt", "data.split.test=b c.txt"]
    text = told(*given)
    assert """fix: 'data.split={train: a.txt, test: "b c.txt"}'""" in text
    assert "mistakes" not in text


def test_what_is_nothing_like_a_key_is_not_put_in_its_place() -> None:
    text = told("data.splitt.test=3")
    assert "did you mean" in text
    assert "fix" not in text


def test_an_unknown_option_names_the_nearest_and_all_others() -> None:
    text = told("model=shalow_arch2")
    assert "There is no model 'shalow_arch2'. There are: " in text
    assert "did you mean: shallow_arch2" in text
    assert all(name in text for name in group_options()["model"])


def test_an_unknown_group_names_the_nearest() -> None:
    assert "fix: model=shallow_arch1" in told("modle=shallow_arch1")


def test_a_path_that_the_shell_has_split_shows_the_line_that_works() -> None:
    text = told("data=table", "data.path=my", "art/l.csv")
    assert "fix: 'data.path=\"my art/l.csv\"'" in text
    assert compose(["data=table", 'data.path="my art/l.csv"']).config.data.path == "my art/l.csv"


def test_a_value_with_an_equals_sign_shows_the_line_that_works() -> None:
    text = told("data=table", "data.path=a=b.csv")
    assert "fix: 'data.path=\"a=b.csv\"'" in text
    assert "must be given" not in text


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "my art/l.csv",
        "a=b",
        'say "hi"',
        "it's",
        "c:\\art",
        "a\\",
        '\\"',
        "{x}",
        "ümlaut",
        "",
        "7",
        "1e5",
        "True",
        "null",
        "-x",
    ],
)
def test_a_quoted_value_is_read_as_it_is(value: str) -> None:
    assert compose(["data=table", f"data.path={quote(value)}"]).config.data.path == value
    (pasted,) = shlex.split(override("data.path", value))
    assert compose(["data=table", pasted]).config.data.path == value


def test_a_value_that_must_be_given_is_named() -> None:
    assert "data.path must be given." in told("data=table")


def test_a_word_without_an_equals_sign_is_named() -> None:
    assert "'gallery' is not KEY=VALUE." in told("gallery")


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(UserErrors) as caught:
        compose(["model.lrr=3", "model=vgg17", "modle=x", "data=table"])
    text = str(caught.value)
    assert text.startswith("4 mistakes:")
    assert all(part in text for part in ("'model.lrr'", "'vgg17'", "'modle'", "data.path must be given"))


def test_a_key_that_a_third_partys_target_takes_can_be_added() -> None:
    assert "fix: +optimizer.fused=true" in told("optimizer.fused=true")
    assert "fix" not in told("optimizer.foo=1")


def test_what_composes_is_given_beside_the_mistakes() -> None:
    composed, mistakes = compose_with_errors(["model.lrr=3", "trainer.max_epochs=7"])
    assert len(mistakes) == 1
    assert composed.config.trainer.max_epochs == 7


def test_several_devices_leave_a_gan_its_own_length() -> None:
    assert compose(["trainer=ddp"]).config.trainer.max_epochs == 30
    assert compose(["trainer=ddp", "model=r3gan"]).config.trainer.max_epochs is None


def test_an_interpolation_that_leads_nowhere_is_named() -> None:
    with pytest.raises(UserError, match="cannot be resolved"):
        compose(["monitor=${nothing.here}"])


def test_a_multirun_is_examined_choice_by_choice() -> None:
    composed, mistakes = compose_sweep_with_errors(["model=shallow_arch1,vgg17", "seed=0,1,2"])
    assert next(str(mistake).splitlines()[0] for mistake in mistakes).startswith("There is no model 'vgg17'")
    assert len(mistakes) == 1
    assert [one.config.seed for one in composed] == [0, 0, 1, 2]


def test_a_group_of_sweeps_is_not_one_of_a_run() -> None:
    assert "fix: python sweep.py sweep=results_table" in told("sweep=results_table")


def test_settings_of_this_machine_come_before_debug_and_after_experiments(tmp_path: Path) -> None:
    shutil.copytree(CONF, tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    (tmp_path / "conf/local").mkdir()
    local = "# @package _global_\ntrainer: {max_epochs: 77, threads: 3}\n"
    (tmp_path / "conf/local/default.yaml").write_text(local)
    asked = ["experiment=portraits", "data.path=x"]
    assert compose(asked, conf=tmp_path / "conf").config.trainer.max_epochs == 77
    both = compose([*asked, "debug=fast"], conf=tmp_path / "conf").config.trainer
    assert (both.max_epochs, both.threads) == (2, 3)


def test_differences_leave_out_what_cannot_change_a_result() -> None:
    old, new = (compose(asked).resolved() for asked in ([], ["seed=1", "logger=none", "workers=4", "cache=x"]))
    assert difference(old, new) == ["seed: 0 → 1"]


@pytest.mark.parametrize(
    ("metric", "best"), [("val/loss", "min"), ("val/ece", "min"), ("val/kl", "min"), ("val/acc", "max")]
)
def test_a_metric_is_best_where_it_should_be(metric: str, best: str) -> None:
    assert best_is(metric) == best


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("{a: [model=cv_fc, seed=1], b: [x y]}", {"a": ["model=cv_fc", "seed=1"], "b": ["x y"]}),
        ("[identity,rotate:8]", ["identity", "rotate:8"]),
        ('{a: "x=y", b: 1}', {"a": "x=y", "b": 1}),
        ("a=b c", "a=b c"),
    ],
)
def test_quotes_are_put_where_hydra_needs_them(value: str, meant: object) -> None:
    (override,) = OverridesParser.create().parse_overrides([f"key={with_quotes(value)}"])
    assert override.value() == meant
