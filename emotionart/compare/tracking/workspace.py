"""A saved W&B view of the runs of a comparison."""

from __future__ import annotations

import re
from pathlib import Path

from emotionart.compare.runs import read_runs
from emotionart.compare.tracking.panels import ROW, panels, shown_of
from emotionart.compare.tracking.place import choose, find_place, raise_as_failure


def send_workspace(folder: Path) -> str:
    """Saves a new view of the runs, grouped by row, in W&B and returns its URL; nothing is overwritten.

    Args:
        folder: folder of a sweep or multirun.

    Raises:
        UserError: see `find_place`.
        Failure: if W&B cannot be reached or refuses the view.
    """
    members = read_runs(folder)
    place = find_place(members, folder)
    with raise_as_failure("did not take the view"):
        import wandb_workspaces.workspaces as ws

        shown = shown_of(members)
        view = ws.Workspace(
            entity=place.entity,
            project=place.project,
            name=re.sub(r"[^\w .-]", "-", folder.resolve().name),  # W&B allows few other characters
            sections=[ws.Section(name="By row", panels=panels(members), is_open=True)],
            settings=ws.WorkspaceSettings(x_axis=shown.axis, max_runs=len(members)),
            runset_settings=ws.RunsetSettings(
                filters=choose(place.ids),
                groupby=[ws.Config(ROW)],
                pinned_columns=shown.columns,
            ),
        )
        return str(view.save().url)
