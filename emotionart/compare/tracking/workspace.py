"""A saved W&B view of the runs of a comparison."""

from __future__ import annotations

import re
from pathlib import Path

from emotionart.compare.runs import read_runs
from emotionart.compare.tracking.panels import ROW, panel_keys, panels
from emotionart.compare.tracking.project import find_project, id_filter, raise_as_failure


def send_workspace(folder: Path) -> str:
    """Saves a new view of the runs, grouped by row, in W&B and returns its URL; nothing is overwritten.

    Args:
        folder: folder of a sweep or multirun.

    Raises:
        UserError: see `find_project`.
        Failure: if W&B cannot be reached or refuses the view.
    """
    runs_by_row = read_runs(folder)
    project = find_project(runs_by_row, folder)
    with raise_as_failure("did not take the view"):
        import wandb_workspaces.workspaces as ws

        keys = panel_keys(runs_by_row)
        view = ws.Workspace(
            entity=project.entity,
            project=project.name,
            name=re.sub(r"[^\w .-]", "-", folder.resolve().name),  # W&B allows few other characters
            sections=[ws.Section(name="By row", panels=panels(runs_by_row), is_open=True)],
            settings=ws.WorkspaceSettings(x_axis=keys.axis, max_runs=len(runs_by_row)),
            runset_settings=ws.RunsetSettings(
                filters=id_filter(project.ids),
                groupby=[ws.Config(ROW)],
                pinned_columns=keys.columns,
            ),
        )
        return str(view.save().url)
