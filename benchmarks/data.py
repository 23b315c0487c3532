"""Checking and reporting on 40,000 artworks takes minutes in constant memory; detection is as fast as ultralytics.

Seconds and peak memory of `emotionart data check` and `report` at 4,000 and 40,000 generated artworks (JPEGs of 200 x
260 pixels, five votes over nine labels, tags, one artist per eight), each in a process of its own. Making the files
is not counted. Then, if `../shared/weights/yolov8n_coco.pt` exists, detection in pictures of several shapes against
ultralytics' batch prediction of the same files, in turns. `python benchmarks/data.py detection` runs only the second
part, `python benchmarks/data.py 4000` only the first, at 400 and 4,000.
"""

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

WEIGHTS = Path(__file__).parents[2] / "shared/weights/yolov8n_coco.pt"
LABELS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness", "something else")
SHAPES = ((300, 400), (400, 300), (320, 320), (480, 300))  # (height, width) of pictures for detection
BATCH = 16
ROUNDS = 3


def generate(folder: Path, count: int) -> None:
    generator = np.random.default_rng(0)
    rows = [",".join(["image", *(f"votes:{label}" for label in LABELS), "tags", "artist"])]
    for number in range(count):
        small = generator.integers(0, 256, (13, 10, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number}.jpg"), cv2.resize(small, (200, 260), interpolation=cv2.INTER_CUBIC))
        votes = generator.multinomial(5, generator.dirichlet(np.full(len(LABELS), 0.3)))
        tags = ";".join(f"tag {tag}" for tag in generator.integers(0, 200, 3))
        rows.append(",".join([f"{number}.jpg", *map(str, votes), tags, f"artist {number // 8}"]))
    (folder / "table.csv").write_text("\n".join(rows))


def carry_out(words: list[str]) -> None:
    """Runs a command in this process and prints its seconds and peak memory in MB."""
    from emotionart.cli.main import main as emotionart

    start = time.perf_counter()
    if emotionart(words):
        raise SystemExit("the command failed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nmeasured {time.perf_counter() - start} {peak}")


def measure(count: int) -> dict[str, tuple[float, float]]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), count)
        asked = [f"{folder}/table.csv", "labels=artemis", f"cache={folder}/cache"]
        for name, words in (
            ("check", ["data", "check", *asked]),
            ("report, after it", ["data", "report", *asked, "--out", f"{folder}/report.html"]),
        ):
            command = [sys.executable, __file__, "carry-out", *words]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            seconds, peak = told.rpartition("measured ")[2].split()
            found[name] = float(seconds), float(peak)
            if name.startswith("report"):
                print(f"the page about {count:,} artworks: {Path(folder, 'report.html').stat().st_size / 1e6:.1f} MB")
    return found


def scale(most: int) -> None:
    found = {count: measure(count) for count in (most // 10, most)}
    small, large = found.values()
    print(f"{'':<20}" + "".join(f"{f'{count:,}':>22}" for count in found) + "   growth")
    for name in small:
        cells = [f"{found[count][name][0]:>11.1f} s{found[count][name][1]:>6.0f} MB" for count in found]
        time_ratio, memory_ratio = (large[name][place] / small[name][place] for place in (0, 1))
        print(f"{name:<20}" + "".join(f"{cell:>22}" for cell in cells) + f"   {time_ratio:.1f}x, {memory_ratio:.2f}x")


def detection(count: int = 96) -> None:
    """Both detect persons in the same files, in turns, with nothing stored."""
    from emotionart.data.persons.detection import find_persons
    from emotionart.data.persons.detector import FLOOR, load_detector

    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = []
        for number in range(count):
            small = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
            paths.append(str(folder / f"{number}.jpg"))
            cv2.imwrite(paths[-1], cv2.resize(small, SHAPES[number % len(SHAPES)], interpolation=cv2.INTER_CUBIC))
        detector = load_detector(str(WEIGHTS), folder)
        from ultralytics import YOLO

        plain = YOLO(str(WEIGHTS), verbose=False)

        def ours(turn: int) -> None:
            find_persons(paths, detector, folder / f"cache{turn}", batch_size=BATCH)

        def theirs(turn: int) -> None:
            asked = {"conf": FLOOR, "classes": [0], "batch": BATCH, "stream": True, "verbose": False}
            for _ in plain.predict(paths, **asked):
                pass

        seconds: dict[str, list[float]] = {"ours": [], "ultralytics": []}
        for turn in range(ROUNDS + 1):
            for which, run in (("ours", ours), ("ultralytics", theirs)):
                start = time.perf_counter()
                run(turn)
                if turn:  # the first turn warms up
                    seconds[which].append(time.perf_counter() - start)
    best = {which: min(times) for which, times in seconds.items()}
    for which, value in best.items():
        print(f"{which:<12} {1000 * value / count:.0f} ms a picture, the best of {ROUNDS} turns over {count}")
    print(f"detection takes {best['ours'] / best['ultralytics']:.2f} times as long as ultralytics (aim: at most 1.1)")


def main() -> None:
    if sys.argv[1:2] == ["carry-out"]:
        carry_out(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="", help="detection, or a number of artworks (default: both parts)")
    part: str = parser.parse_args().part
    if part != "detection":
        scale(int(part or 40_000))
    if part in ("", "detection"):
        if WEIGHTS.exists():
            detection()
        else:
            print(f"detection is not measured: {WEIGHTS} is not there")


if __name__ == "__main__":
    main()
