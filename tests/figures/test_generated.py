import math
from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.figures.generated import as_pictures, save_progress, save_sheet, sheet, training_curves


def test_generated_values_become_8_bits() -> None:
    values = np.array([-1.0, 0.0, 1.0, -3.0, 3.0, np.nan], dtype=np.float32).reshape(1, 3, 1, 2)
    expected = np.array([[[[0, 255, 255]], [[128, 0, 128]]]], dtype=np.uint8)
    assert (as_pictures(values).reshape(2, 3) == expected.reshape(2, 3)).all()


def test_a_sheet_holds_every_picture_where_a_reader_looks_for_it() -> None:
    pictures = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1) * np.ones((1, 64, 64, 3), dtype=np.uint8)
    found = sheet(pictures, columns=3)
    assert found.shape == (2 + 2 * 66, 2 + 3 * 66, 3)
    assert [found[2 + 66 * (n // 3) + 30, 2 + 66 * (n % 3) + 30, 0] for n in range(6)] == [0, 1, 2, 3, 4, 255]


def test_captions_and_names_stand_beside_the_pictures_they_belong_to() -> None:
    pictures = np.full((4, 64, 64, 3), 90, dtype=np.uint8)
    plain, captions, rows = sheet(pictures, 2), ["", "below it\n87%", "", "a name far too long\n9%"], ["", "second"]
    found = sheet(pictures, 2, captions, rows)
    left, below = found.shape[1] - plain.shape[1], (found.shape[0] - plain.shape[0]) // 2
    assert (found[2:66, left + 2 : left + 66] == 90).all()
    ink = (found < 128).all(axis=2) & (found != 90).all(axis=2)
    second = 66 + below
    assert not ink[:second, : left + 66].any(), "nothing at the first row, nor below the first picture"
    assert ink[66:second, left + 68 : left + 132].any()
    assert ink[second + 2 : second + 66, :left].any()
    assert not ink[second + 66 :, : left + 68].any(), "a long name is cut to its picture's width"
    assert ink[second + 66 :, left + 68 : left + 132].any()


def test_small_pictures_are_enlarged_pixel_by_pixel() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), dtype=np.uint8)
    assert (sheet(picture, 1)[2:-2:4, 2:-2:4] == picture[0]).all()


def test_the_progress_shows_the_first_and_the_last_frame(tmp_path: Path) -> None:
    frames = [tmp_path / f"{number:03}.png" for number in range(100)]
    for number, frame in enumerate(frames):
        save_sheet(np.full((1, 64, 64, 3), 2 * number, dtype=np.uint8), 1, frame)
    save_progress(frames, [f"{n}" for n in range(100)], tmp_path / "progress.gif")
    with Image.open(tmp_path / "progress.gif") as animation:
        assert animation.n_frames == 80
        shades = []
        for place in (0, 79):
            animation.seek(place)
            shades.append(animation.convert("RGB").getpixel((30, 60))[0])
    assert abs(shades[0] - 0) <= 2
    assert abs(shades[1] - 198) <= 2


def test_curves_show_what_is_known() -> None:
    rows = [{"gan/images": 1000.0 * n, "gan/d_loss": 1.0, "gan/g_loss": 0.5, "gan/sign_real": 0.2} for n in (1, 2)]
    losses, signs = training_curves(rows).axes
    assert [line.get_label() for line in losses.lines] == ["discriminator", "generator"]
    assert list(losses.lines[0].get_xdata()) == [1, 2]
    assert "training pictures" in [line.get_label() for line in signs.lines]


def test_curves_mark_the_best_kid() -> None:
    kids = [0.9, math.inf, 0.25, 0.25, 0.5]
    common = {"gan/d_loss": 1.0, "gan/sign_real": 0.2}
    rows = [{**common, "gan/images": 1000.0 * n, "gan/val_kid_net": kid} for n, kid in enumerate(kids, 1)]
    quality = training_curves(rows).axes[2]
    measured, best = quality.lines
    assert list(measured.get_xdata()) == [1, 3, 4, 5]
    assert (list(best.get_xdata()), list(best.get_ydata())) == ([3], [0.25])
    assert best.get_label() == "best: 0.250 after 3,000 images"
    assert quality.get_title().startswith("KID on net\n")


def test_text_of_the_curves_is_whole_on_a_phone_and_no_line_runs_through_a_legend() -> None:
    row = {"gan/d_loss": 1.0, "gan/g_loss": 0.5, "gan/sign_real": 0.2, "gan/sign_heldout": 0.1, "gan/val_kid_net": 0.5}
    figure = training_curves([{**row, "gan/images": 1000.0 * n} for n in (1, 2)], stacked=True)
    figure.draw_without_rendering()
    for axes in figure.axes:
        title, legend = axes.title.get_window_extent(), axes.get_legend()
        assert title.x0 >= 0
        assert title.x1 <= figure.bbox.width
        assert legend is not None
        assert legend.get_frame_on()
