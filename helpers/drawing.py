"""Write a folder of drawn data once, whole or not at all."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

STAMP = "drawn-by.txt"


def draw_once(folder: Path, source: str, draw: Callable[[Path], None]) -> Path:
    """Let `draw` fill a new folder and put it in the place of `folder`; do nothing if that was done.

    `source` is the file with the drawing code: a folder that another version of it drew is drawn again. Two
    notebooks that start side by side do not disturb each other.
    """
    stamp = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    if _is_current(folder, stamp):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        draw(new)
        (new / STAMP).write_text(stamp)
        if folder.exists() and not _is_current(folder, stamp):
            folder.rename(Path(scratch) / "old")
        try:
            new.rename(folder)
        except OSError:  # another notebook finished drawing the same first
            if not _is_current(folder, stamp):
                raise
    return folder


def _is_current(folder: Path, stamp: str) -> bool:
    path = folder / STAMP
    return path.exists() and path.read_text() == stamp
