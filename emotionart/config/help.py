"""The text of `python train.py --help`."""

from __future__ import annotations

from pathlib import Path

from emotionart.config.groups import CONF, SWEEP_GROUPS, group_options, top_level_keys
from emotionart.terminal import terminal_width
from emotionart.text_columns import align_descriptions

_PURPOSE = """\
Trains a model on artworks with emotion labels, tests it once, and leaves
everything in one folder.
"""
_COMMANDS = {
    "python train.py": "the built-in gallery, no network needed",
    "python train.py model=shallow_arch2 seed=1": "another model, another seed",
    "python train.py data=table data.path=labels.csv labels=as_is": "your own pictures",
    "python train.py -m model=shallow_arch1,shallow_arch2 seed=0,1,2": "every combination, one run each",
    "python train.py resume=FOLDER": "go on with an interrupted run",
    "python train.py --config-dir FOLDER model=mine": "options of your own in FOLDER/model/, and so on",
    "emotionart config show model=shallow_arch1": "show the configuration, run nothing",
}
_MORE_KEYS = {
    "hydra.run.dir=FOLDER": "names the run, such as outputs/runs/first; else it has the time, model, data and seed",
    "trainer.max_epochs=N": "epochs of a classifier; model.images=N: images that a GAN is trained on",
}
"""Keys of groups that every run has."""

_CHOICES = """
GROUP=OPTION picks a file of conf/GROUP/; KEY=VALUE changes one value in it:
`optimizer.lr=3e-4`.
"""


def help_text(*folders: Path) -> str:
    """Usage, the groups with their options, and the keys of a run.

    Args:
        folders: folders with further options besides `conf/`.
    """
    width = terminal_width()
    lines = [_PURPOSE, *align_descriptions(_COMMANDS, 42, width), _CHOICES]
    groups = group_options(CONF, *folders)
    for group, options in ((group, groups[group]) for group in groups if group not in SWEEP_GROUPS):
        lines.append(f"{group}=")
        lines += align_descriptions(options, 16, width)
    lines += ["", "Keys of every run (those of a group: emotionart config show):"]
    lines += align_descriptions(top_level_keys() | _MORE_KEYS, 20, width)
    lines += [
        "",
        "Runs are kept in outputs/runs/, those of -m in outputs/multirun/;",
        "outputs/README.md lists their files.",
    ]
    return "\n".join(lines) + "\n"
