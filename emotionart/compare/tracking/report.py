"""A W&B report on a comparison: findings, table, panels of its runs, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotionart.compare.comparison import Comparison, compare_runs
from emotionart.compare.formats import as_markdown
from emotionart.compare.runs import read_runs
from emotionart.compare.tracking.panels import ROW, panel_keys, panels
from emotionart.compare.tracking.project import WandbProject, find_project, id_filter, raise_as_failure

_LONGEST = 128  # characters of a title


def send_report(folder: Path) -> str:
    """Creates a new report in W&B and returns its URL; nothing is overwritten.

    Args:
        folder: folder of a sweep or multirun.

    Raises:
        UserError: see `find_project`.
        Failure: if W&B cannot be reached or refuses the report.
    """
    runs_by_row = read_runs(folder)
    project = find_project(runs_by_row, folder)
    comparison = compare_runs(runs_by_row, folder)
    with raise_as_failure("did not take the report"):
        import wandb_workspaces.reports.v2 as wr

        title = folder.resolve().name[:_LONGEST]
        report = wr.Report(
            entity=project.entity, project=project.name, title=title, blocks=_blocks(comparison, project), width="fluid"
        )
        return str(report.save().url)


def _blocks(comparison: Comparison, project: WandbProject) -> list[Any]:
    import wandb_workspaces.reports.v2 as wr

    def runs(name: str, ids: Sequence[str], **settings: Any) -> Any:
        return wr.Runset(entity=project.entity, project=project.name, name=name, filters=id_filter(ids), **settings)

    columns = panel_keys(comparison.runs_by_row).columns
    grouped = runs("runs", project.ids, groupby=[f"config.{ROW}"], pinned_columns=["run:displayName", *columns])
    findings = [wr.H2("Findings"), wr.UnorderedList(list(comparison.findings))] if comparison.findings else []
    figures = []
    if project.summary:
        pictures = [
            wr.MediaBrowser(title=name, media_keys=[f"figures/{name}"], layout=wr.Layout(w=24, h=14))
            for name in comparison.figures
        ]
        figures = [wr.H2("Figures"), wr.PanelGrid(runsets=[runs("summary", [project.summary])], panels=pictures)]
    return [
        *findings,
        wr.H2("Table"),
        wr.MarkdownBlock(as_markdown(comparison.table)),
        *figures,
        wr.H2("Runs by row"),
        wr.PanelGrid(runsets=[grouped], panels=panels(comparison.runs_by_row)),
    ]
