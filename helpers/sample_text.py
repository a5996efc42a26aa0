"""Writes a tiny IMDB and a tiny GloVe: short reviews and word vectors in the files of the real ones.

`torchtext.datasets.IMDB` and `torchtext.vocab.GloVe` read them as they read the real data. The label of a
review follows from the order of its words ("not good at all", "weak at first, but ..."), so that
counting words is not enough. Used through `helpers.text`.
"""

import hashlib
import tempfile
from pathlib import Path

import numpy as np

from helpers.drawing import draw_once

FOLDER = "imdb/aclImdb"
TRAIN_REVIEWS, TEST_REVIEWS = 1000, 400

GOOD = [
    "good", "great", "fine", "moving", "funny", "clever",
    "gripping", "lovely", "brilliant", "charming", "superb", "honest",
]  # fmt: skip
BAD = [
    "bad", "poor", "dull", "boring", "silly", "weak",
    "awful", "clumsy", "dreadful", "tedious", "lifeless", "shallow",
]  # fmt: skip
THINGS = [
    "acting", "story", "music", "plot", "camera", "ending",
    "script", "cast", "dialogue", "pacing", "humour", "direction",
]  # fmt: skip
NEUTRAL = (
    "i saw it on a sunday with two friends",
    "the film is about a family that moves to a small town by the sea",
    "it runs for about two hours",
    "there is a train in it , and a dog , and a long winter",
    "the director made another film ten years ago",
    "we had seats in the third row",
    "much of it takes place at night",
    "my brother had read the book before",
    "most scenes were shot in one old house",
    "it was shown with subtitles",
)
NAMES = [
    "Zorvath", "Quillmere", "Bexley", "Ondrikk", "Tamsinna", "Wrenholt",
    "Kovalenka", "Ashgrove", "Mirelle", "Dunstable",
]  # fmt: skip
OPEN = ("the {thing} is {words}", "i found the {thing} {words}", "the {thing} was {words}")
TURN = ("but in the end", "however ,", "and yet , all in all ,")


def draw_imdb(root: Path) -> Path:
    """Write the reviews under `root` in aclImdb's own folders, once, and return `root/imdb/aclImdb`.

    1,000 training and 400 test reviews of 3 to 200 words, half of them positive. Reviews that an older
    version of this file wrote are written again. Described in notebook 06.
    """
    return draw_once(Path(root) / FOLDER, __file__, _write_reviews)


def _write_reviews(folder: Path) -> None:
    for split, count, seed in (("train", TRAIN_REVIEWS, 1), ("test", TEST_REVIEWS, 2)):
        rng = np.random.default_rng(seed)
        for label in ("pos", "neg"):
            target = folder / split / label
            target.mkdir(parents=True)
            for number in range(count // 2):
                text, rating = write_review(label == "pos", rng)
                (target / f"{number}_{rating}.txt").write_text(text, encoding="utf-8")


def write_review(positive: bool, rng: np.random.Generator) -> tuple[str, int]:
    """One review with the given verdict, and its rating from 1 to 10 (never 5 or 6, as in IMDB)."""
    kind = rng.random()
    rating = int(rng.integers(7, 11) if positive else rng.integers(1, 5))
    # People are not consistent: now and then the text says one thing and the rating another.
    if rng.random() < 0.06:
        positive = not positive
    parts = [_opinion(positive, rng)]
    if kind < 0.35:  # first the opposite, then the verdict
        turn = TURN[rng.integers(len(TURN))]
        parts = [_opinion(not positive, rng), f"{turn} {parts[0]}"]
    elif kind < 0.65:
        parts.append(_opinion(positive, rng))
    filler = int(rng.choice([0, 0, 1, 2, 4, 8, 14], p=[0.1, 0.15, 0.25, 0.2, 0.15, 0.1, 0.05]))
    for _ in range(filler):
        place = 0 if len(parts) == 1 or rng.random() < 0.7 else len(parts)
        sentence = NEUTRAL[rng.integers(len(NEUTRAL))]
        if rng.random() < 0.3:
            sentence = f"{NAMES[rng.integers(len(NAMES))]} is in it"
        parts.insert(place, sentence)
    text = ""
    for number, part in enumerate(parts):
        end = ". " if rng.random() < 0.8 or number == 0 else ".<br /><br />"
        text += part[0].upper() + part[1:] + end
    return text.strip().removesuffix("<br /><br />").replace(" ,", ","), rating


def _opinion(positive: bool, rng: np.random.Generator) -> str:
    """A clause with that verdict; in three of ten it comes from a negated word of the other kind."""
    negated = rng.random() < 0.3
    words = GOOD if positive != negated else BAD
    # Some words are common, others rare: a rare one is understood only through its vector.
    rank = min(int(rng.exponential(3.5)), len(words) - 1)
    word = words[rank]
    if negated:
        word = ("not {}", "not {} at all", "never {}", "hardly {}")[rng.integers(4)].format(word)
    elif rng.random() < 0.4:
        word = ("very {}", "really {}", "quite {}")[rng.integers(3)].format(word)
    if rng.random() < 0.12:
        return f"{word} film"
    form = OPEN[rng.integers(len(OPEN))]
    return form.format(thing=THINGS[rng.integers(len(THINGS))], words=word)


def draw_glove(root: Path, dim: int) -> Path:
    """Write vectors of `dim` numbers for the reviews' words, in GloVe's text format, and return the folder.

    Words of praise lie near each other, words of blame opposite, all others anywhere. The names in
    the reviews have no vector. Described in notebook 06.
    """
    path = Path(root) / "glove" / f"glove.6B.{dim}d.txt"
    stamp = path.with_name(f"drawn-by-{dim}.txt")
    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if path.exists() and _read(stamp) == source:
        return path.parent
    rng = np.random.default_rng(dim)
    verdict, topic = rng.normal(0, 0.5, (2, dim))
    rest = " ".join(
        (*NEUTRAL, *OPEN, *TURN, "not never hardly at all very really quite . ,")
    ).split()
    lines = []
    for word in sorted({*GOOD, *BAD, *THINGS, *(w for w in rest if "{" not in w)}):
        vector = rng.normal(0, 0.25, dim)
        vector += verdict * ((word in GOOD) - (word in BAD)) + topic * (word in THINGS)
        lines.append(f"{word} " + " ".join(f"{number:.4f}" for number in vector))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        part = Path(scratch) / path.name
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.with_name(path.name + ".pt").unlink(missing_ok=True)  # torchtext's copy of older ones
        part.replace(path)
    stamp.write_text(source)
    return path.parent


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
