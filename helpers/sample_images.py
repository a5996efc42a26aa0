"""Draws a tiny CIFAR-10: the same ten classes, 32x32 pictures, the same files on disk.

The pictures are ours. `torchvision.datasets.CIFAR10` reads them exactly as it reads the real ones,
so every notebook runs in seconds with no download. Used through `helpers.load_cifar10("sample")`.
"""

import pickle
from pathlib import Path

import numpy as np

from helpers.drawing import draw_once

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
FOLDER = "cifar-10-batches-py"
TRAIN_BATCHES, IMAGES_PER_BATCH, TEST_IMAGES = 5, 240, 400
SIDE = 32

# Each class is a list of (shape, numbers, colour), drawn in this order, in a frame where the object
# spans about -1 to 1 in both directions, x to the right and y downwards. The numbers are
# ellipse: centre x, y, radius x, y; box: centre x, y, half width, half height;
# line: x1, y1, x2, y2, thickness; triangle: three corners.
RECIPES = {
    "airplane": [
        ("line", (-0.9, 0.0, 0.85, 0.0, 0.15), "metal"), ("triangle", (-0.9, 0.0, -0.95, -0.5, -0.6, 0.0), "trim"),
        ("line", (0.15, 0.0, -0.35, -0.65, 0.1), "metal"), ("line", (0.15, 0.05, -0.3, 0.6, 0.13), "metal"),
        ("ellipse", (0.75, -0.04, 0.12, 0.07), "dark"),
    ],
    "automobile": [
        ("box", (0.0, 0.15, 0.95, 0.22), "paint"), ("triangle", (-0.75, 0.0, -0.4, -0.4, 0.1, 0.0), "paint"),
        ("box", (-0.05, -0.2, 0.42, 0.22), "paint"), ("box", (-0.02, -0.2, 0.34, 0.13), "glass"),
        ("ellipse", (-0.55, 0.4, 0.22, 0.22), "dark"), ("ellipse", (0.55, 0.4, 0.22, 0.22), "dark"),
        ("ellipse", (0.88, 0.1, 0.08, 0.08), "light"),
    ],
    "bird": [
        ("line", (-0.1, 0.4, -0.1, 0.85, 0.04), "yellow"), ("line", (0.1, 0.4, 0.12, 0.85, 0.04), "yellow"),
        ("triangle", (-0.4, 0.0, -1.0, 0.05, -0.9, 0.35), "feather"), ("ellipse", (0.0, 0.1, 0.55, 0.36), "feather"),
        ("ellipse", (0.5, -0.3, 0.25, 0.25), "feather"), ("triangle", (0.7, -0.4, 0.7, -0.2, 1.0, -0.28), "yellow"),
        ("ellipse", (-0.12, 0.02, 0.36, 0.18), "trim"), ("ellipse", (0.56, -0.36, 0.06, 0.06), "dark"),
    ],
    "cat": [
        ("line", (-0.75, 0.5, -0.95, -0.3, 0.09), "fur"), ("ellipse", (-0.25, 0.5, 0.6, 0.42), "fur"),
        ("triangle", (0.0, -0.3, 0.08, -0.95, 0.42, -0.45), "fur"),
        ("triangle", (0.4, -0.45, 0.78, -0.95, 0.85, -0.3), "fur"),
        ("ellipse", (0.42, -0.1, 0.46, 0.42), "fur"), ("ellipse", (0.26, -0.15, 0.09, 0.1), "eye"),
        ("ellipse", (0.6, -0.15, 0.09, 0.1), "eye"), ("triangle", (0.36, 0.05, 0.5, 0.05, 0.43, 0.16), "pink"),
    ],
    "deer": [
        ("line", (-0.5, 0.2, -0.55, 0.95, 0.06), "hide"), ("line", (-0.3, 0.2, -0.3, 0.95, 0.06), "hide"),
        ("line", (0.25, 0.2, 0.22, 0.95, 0.06), "hide"), ("line", (0.42, 0.2, 0.46, 0.95, 0.06), "hide"),
        ("ellipse", (-0.05, 0.15, 0.55, 0.25), "hide"), ("line", (0.4, 0.05, 0.62, -0.4, 0.1), "hide"),
        ("ellipse", (0.7, -0.42, 0.22, 0.13), "hide"), ("line", (0.6, -0.5, 0.4, -0.95, 0.04), "trim"),
        ("line", (0.65, -0.5, 0.85, -0.95, 0.04), "trim"), ("ellipse", (-0.6, 0.1, 0.1, 0.1), "light"),
    ],
    "dog": [
        ("line", (-0.7, 0.0, -0.95, -0.45, 0.08), "fur"), ("line", (-0.5, 0.3, -0.5, 0.9, 0.11), "fur"),
        ("line", (0.2, 0.3, 0.2, 0.9, 0.11), "fur"), ("ellipse", (-0.15, 0.2, 0.62, 0.34), "fur"),
        ("ellipse", (0.5, -0.3, 0.36, 0.34), "fur"), ("ellipse", (0.82, -0.18, 0.22, 0.15), "fur"),
        ("ellipse", (0.3, -0.2, 0.13, 0.32), "dark"), ("ellipse", (0.98, -0.22, 0.08, 0.07), "dark"),
        ("ellipse", (0.58, -0.38, 0.06, 0.06), "dark"),
    ],
    "frog": [
        ("ellipse", (-0.6, 0.5, 0.4, 0.22), "skin"), ("ellipse", (0.6, 0.5, 0.4, 0.22), "skin"),
        ("ellipse", (0.0, 0.2, 0.72, 0.5), "skin"), ("ellipse", (-0.38, -0.35, 0.24, 0.22), "skin"),
        ("ellipse", (0.38, -0.35, 0.24, 0.22), "skin"), ("ellipse", (-0.38, -0.38, 0.1, 0.1), "dark"),
        ("ellipse", (0.38, -0.38, 0.1, 0.1), "dark"), ("line", (-0.4, 0.15, 0.4, 0.15, 0.04), "dark"),
    ],
    "horse": [
        ("line", (-0.6, 0.0, -0.9, 0.5, 0.09), "mane"), ("line", (-0.45, 0.2, -0.5, 0.95, 0.1), "coat"),
        ("line", (-0.25, 0.2, -0.2, 0.95, 0.1), "coat"), ("line", (0.3, 0.2, 0.25, 0.95, 0.1), "coat"),
        ("line", (0.48, 0.2, 0.55, 0.95, 0.1), "coat"), ("ellipse", (0.0, 0.1, 0.65, 0.34), "coat"),
        ("line", (0.45, 0.0, 0.68, -0.55, 0.18), "coat"), ("line", (0.68, -0.55, 0.95, -0.3, 0.13), "coat"),
        ("line", (0.32, -0.1, 0.5, -0.7, 0.07), "mane"),
    ],
    "ship": [
        ("box", (0.0, -0.1, 0.35, 0.2), "light"), ("box", (-0.1, -0.5, 0.12, 0.25), "trim"),
        ("line", (0.45, 0.1, 0.45, -0.7, 0.04), "dark"), ("box", (0.0, 0.28, 0.65, 0.2), "paint"),
        ("triangle", (0.6, 0.08, 1.0, 0.08, 0.6, 0.48), "paint"),
        ("triangle", (-0.6, 0.08, -0.9, 0.08, -0.6, 0.48), "paint"),
    ],
    "truck": [
        ("box", (-0.3, -0.2, 0.65, 0.45), "paint"), ("box", (0.65, 0.0, 0.3, 0.32), "trim"),
        ("box", (0.72, -0.12, 0.17, 0.12), "glass"), ("box", (0.0, 0.35, 0.95, 0.08), "dark"),
        ("ellipse", (-0.65, 0.48, 0.19, 0.19), "dark"), ("ellipse", (-0.2, 0.48, 0.19, 0.19), "dark"),
        ("ellipse", (0.62, 0.48, 0.19, 0.19), "dark"),
    ],
}  # fmt: skip

# A picture takes one colour at random from each list that its recipe names.
PALETTE = {
    "coat": [(105, 62, 35), (58, 42, 34), (185, 150, 110), (70, 66, 66)],
    "dark": [(28, 28, 32)],
    "eye": [(200, 190, 70), (120, 180, 90)],
    "feather": [(90, 110, 150), (150, 70, 55), (95, 85, 70), (215, 215, 210), (60, 62, 70)],
    "fur": [(125, 85, 50), (60, 52, 48), (200, 170, 130), (140, 140, 142), (225, 215, 200)],
    "glass": [(150, 190, 215), (70, 90, 110)],
    "hide": [(150, 102, 58), (122, 84, 52), (172, 124, 80)],
    "light": [(240, 238, 230), (215, 215, 205)],
    "mane": [(35, 30, 28), (80, 55, 35), (215, 200, 165)],
    "metal": [(228, 230, 235), (180, 186, 196), (120, 130, 150)],
    "paint": [(190, 45, 40), (45, 85, 170), (222, 222, 222), (45, 46, 52), (60, 138, 75), (222, 180, 55)],
    "pink": [(220, 150, 150)],
    "skin": [(75, 140, 62), (112, 150, 62), (62, 108, 72), (135, 122, 62)],
    "trim": [(190, 60, 50), (70, 80, 110), (210, 200, 180), (95, 80, 60)],
    "yellow": [(228, 172, 52)],
    "sky": [(140, 185, 225), (185, 200, 212), (215, 190, 165), (120, 140, 165)],
    "sea": [(50, 95, 140), (70, 115, 125), (110, 130, 145)],
    "road": [(110, 110, 112), (85, 85, 92), (150, 145, 135)],
    "grass": [(95, 140, 70), (130, 145, 80), (165, 150, 100)],
    "wall": [(190, 175, 155), (150, 160, 165), (205, 205, 200), (120, 100, 85)],
}  # fmt: skip

# What a class may stand in front of: (above the horizon, below it). Several classes share each one,
# so that the background alone never gives the class away.
BACKGROUNDS = {
    "airplane": [("sky", "sky"), ("sky", "sky"), ("sky", "road")],
    "automobile": [("sky", "road"), ("wall", "road"), ("grass", "road")],
    "bird": [("sky", "sky"), ("sky", "grass"), ("grass", "grass"), ("sky", "sea")],
    "cat": [("wall", "wall"), ("wall", "road"), ("grass", "grass")],
    "deer": [("sky", "grass"), ("grass", "grass")],
    "dog": [("wall", "wall"), ("sky", "grass"), ("grass", "grass"), ("wall", "road")],
    "frog": [("grass", "grass"), ("wall", "wall"), ("grass", "sea")],
    "horse": [("sky", "grass"), ("grass", "grass"), ("sky", "road")],
    "ship": [("sky", "sea"), ("sky", "sea"), ("sky", "road")],
    "truck": [("sky", "road"), ("wall", "road"), ("sky", "grass")],
}


def draw_cifar10(root: Path) -> Path:
    """Write the sample under `root` in CIFAR-10's own format, once, and return its folder.

    `root/cifar-10-batches-py/` gets five training batches of 240 pictures, a test batch of 400, and
    `batches.meta`. A folder that an older version of this file drew is drawn again. The folder
    appears whole or not at all. Described in notebook 01.
    """
    return draw_once(Path(root) / FOLDER, __file__, _write_files)


def _write_files(folder: Path) -> None:
    for number in range(1, TRAIN_BATCHES + 1):
        _write_batch(folder / f"data_batch_{number}", IMAGES_PER_BATCH, seed=number)
    _write_batch(folder / "test_batch", TEST_IMAGES, seed=0)
    meta = {
        "label_names": list(CLASSES),
        "num_cases_per_batch": IMAGES_PER_BATCH,
        "num_vis": 3 * SIDE**2,
    }
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))


def draw_class(name: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `count` pictures of the class `name`: uint8, count x 32 x 32 x 3 (RGB)."""
    if name not in RECIPES:
        raise ValueError(f"unknown class {name!r}; expected one of {', '.join(CLASSES)}")
    row, column = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    canvas = _background(name, count, row, rng)
    x, y, pixels = _pose(count, row, column, rng)
    colours = {key: _colour(key, count, rng) for key in sorted({part[2] for part in RECIPES[name]})}
    for shape, numbers, key in RECIPES[name]:
        distance = SHAPES[shape](x, y, *numbers)  # below zero inside the shape
        _paint(canvas, np.clip(0.5 - distance * pixels, 0, 1), colours[key])
    _cover_a_strip(canvas, row, column, rng)
    light = rng.uniform(0.65, 1.15, (count, 1, 1, 1)).astype(np.float32)
    grain = rng.uniform(3, 16, (count, 1, 1, 1)).astype(np.float32)
    canvas = canvas * light + grain * rng.standard_normal(canvas.shape, dtype=np.float32)
    return np.clip(canvas.round(), 0, 255).astype(np.uint8)


def _write_batch(path: Path, count: int, seed: int) -> None:
    """Write one batch file: `count` pictures, the ten classes equally often, shuffled."""
    rng = np.random.default_rng(seed)
    images = np.concatenate([draw_class(name, count // len(CLASSES), rng) for name in CLASSES])
    labels = np.repeat(np.arange(len(CLASSES)), count // len(CLASSES))
    order = rng.permutation(count)
    batch = {
        "batch_label": path.name,
        "labels": labels[order].tolist(),
        # CIFAR-10 stores a picture as one row: all of its reds, then its greens, then its blues.
        "data": images[order].transpose(0, 3, 1, 2).reshape(count, -1),
        "filenames": [f"{CLASSES[labels[i]]}_{seed}_{i:04d}.png" for i in order],
    }
    path.write_bytes(pickle.dumps(batch, protocol=2))


def _background(name: str, count: int, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two soft colours that meet at a horizon: float32, count x 32 x 32 x 3."""
    choices = BACKGROUNDS[name]
    pick = rng.integers(len(choices), size=count)
    above, below = (
        np.stack([_colour(choices[p][half], 1, rng)[0] for p in pick]) for half in (0, 1)
    )
    horizon = rng.uniform(14, 24, (count, 1, 1)).astype(np.float32)
    canvas = np.broadcast_to(above[:, None, None], (count, SIDE, SIDE, 3)).copy()
    _paint(canvas, np.clip(row - horizon, 0, 1), below)
    slope = rng.uniform(-1.2, 1.2, (count, 1, 1)).astype(np.float32)
    return canvas + (slope * (row - SIDE / 2))[..., None]


def _pose(
    count: int, row: np.ndarray, column: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pixel's place in the object's own frame, and how many pixels one unit there spans."""
    size = rng.uniform(8.5, 14.5, (count, 1, 1)).astype(np.float32)
    angle = rng.normal(0, 0.16, (count, 1, 1)).astype(np.float32)
    stretch = rng.uniform(0.85, 1.15, (count, 1, 1)).astype(np.float32)
    mirror = rng.choice(np.array([-1, 1], dtype=np.float32), (count, 1, 1))
    across, down = (
        place - SIDE / 2 + 0.5 - rng.uniform(-3, 3, (count, 1, 1)).astype(np.float32)
        for place in (column, row)
    )
    x = (across * np.cos(angle) + down * np.sin(angle)) / (size * stretch) * mirror
    y = (down * np.cos(angle) - across * np.sin(angle)) / size
    return x, y, size


def _cover_a_strip(
    canvas: np.ndarray, row: np.ndarray, column: np.ndarray, rng: np.random.Generator
) -> None:
    """Put a post or a branch in front of every third picture or so."""
    count = len(canvas)
    place = rng.uniform(4, SIDE - 4, (count, 1, 1)).astype(np.float32)
    lean = rng.uniform(-0.6, 0.6, (count, 1, 1)).astype(np.float32)
    upright = rng.random((count, 1, 1)) < 0.5
    along, across = np.where(upright, row, column), np.where(upright, column, row)
    strip = np.abs(across - place - lean * (along - SIDE / 2)) < rng.uniform(1, 2.5, (count, 1, 1))
    strip &= rng.random((count, 1, 1)) < 0.35
    _paint(canvas, strip.astype(np.float32), _colour("wall", count, rng))


def _colour(key: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """One colour a picture from the list `key`, varied a little: float32, count x 3."""
    choices = np.array(PALETTE[key], dtype=np.float32)
    return choices[rng.integers(len(choices), size=count)] + rng.normal(0, 12, (count, 3)).astype(
        np.float32
    )


def _paint(canvas: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> None:
    """Blend `colour` (count x 3) into `canvas` where `cover` (count x 32 x 32, 0 to 1) says so."""
    canvas += cover[..., None] * (colour[:, None, None, :] - canvas)


def _ellipse(x, y, centre_x, centre_y, radius_x, radius_y):
    reach = np.sqrt(((x - centre_x) / radius_x) ** 2 + ((y - centre_y) / radius_y) ** 2)
    return (reach - 1) * min(radius_x, radius_y)


def _box(x, y, centre_x, centre_y, half_width, half_height):
    return np.maximum(np.abs(x - centre_x) - half_width, np.abs(y - centre_y) - half_height)


def _line(x, y, x1, y1, x2, y2, thickness):
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    along = np.clip(along, 0, 1)
    return (
        np.sqrt((x - x1 - along * (x2 - x1)) ** 2 + (y - y1 - along * (y2 - y1)) ** 2) - thickness
    )


def _triangle(x, y, *corners):
    points = [(corners[i], corners[i + 1]) for i in (0, 2, 4)]
    (ax, ay), (bx, by), (cx, cy) = points
    turn = 1 if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0 else -1
    distance = None
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        side = turn * ((y2 - y1) * (x - x1) - (x2 - x1) * (y - y1)) / length
        distance = side if distance is None else np.maximum(distance, side)
    return distance


SHAPES = {"ellipse": _ellipse, "box": _box, "line": _line, "triangle": _triangle}
