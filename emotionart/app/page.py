"""The page, with one tab per task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from emotionart.app.pictures import Pictures
from emotionart.app.runs import Runs
from emotionart.app.tabs import browse, compare, label, make, read, recolour
from emotionart.app.votes import Votes


@dataclass(frozen=True)
class Page:
    """The page and what it works with.

    Attributes:
        runs: runs that read and generate pictures.
        pictures: files to browse and label; empty for those that the newest classifier was tested on.
        votes: table that labels are written to.
        labels: classes that annotators choose from; empty for the newest classifier's.
        cache: folder of stored features.
    """

    runs: Runs
    pictures: tuple[Path, ...]
    votes: Votes
    labels: tuple[str, ...]
    cache: Path

    def build(self) -> gr.Blocks:
        """Builds the Gradio page."""
        newest = next(iter(self.runs.classifiers), None)
        paths = self.pictures or tuple(self.runs.pictures(newest) if newest else ())
        pictures = Pictures(paths, self.runs, self.cache)
        emotions = newest is None or self.runs.predictor(newest).noun == "emotion"
        with gr.Blocks(title="emotionart", analytics_enabled=False) as page:
            about = (
                "What pictures make people feel, not what a person in a picture feels."
                if emotions
                else "What classifiers see in pictures."
            )
            gr.Markdown(f"# emotionart\n{about}")
            with gr.Tab("Read a picture"):
                read.build(self.runs, pictures)
            with gr.Tab("Browse"):
                browse.build(self.runs, pictures)
            with gr.Tab("Make"):
                make.build(self.runs)
            with gr.Tab("Recolour"):
                recolour.build(self.runs, pictures)
            with gr.Tab("Label"):
                label.build(self.runs, pictures, self.votes, self.labels, emotions=emotions)
            with gr.Tab("Compare"):
                compare.build(self.runs)
        return page
