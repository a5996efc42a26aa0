"""Reviews and word vectors, read with torchtext 0.6.0; the only file of `helpers` that imports it."""

import contextlib
import hashlib
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchtext.data import Field
from torchtext.data.utils import get_tokenizer
from torchtext.datasets import IMDB
from torchtext.vocab import GloVe, Vectors, Vocab
from torchvision.datasets.utils import extract_archive

from helpers.cifar10 import first_of_each_class
from helpers.download import fetch, need_space
from helpers.images import split_by_class
from helpers.reviews import Reviews
from helpers.sample_text import draw_glove, draw_imdb
from helpers.scales import check_scale, data_root

IMDB_URLS = (
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "https://bj.bcebos.com/dataset/imdb%2FaclImdb_v1.tar.gz",
)
IMDB_MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
GLOVE_URLS = (
    "https://nlp.stanford.edu/data/glove.6B.zip",
    "https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip",
)
GLOVE_SHA256 = "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"
GLOVE_DIMENSIONS = (50, 100, 200, 300)
UNKNOWN, PADDING = "<unk>", "<pad>"

_basic_english = get_tokenizer("basic_english")


class ReviewSplits(NamedTuple):
    """The three parts of IMDB and the vocabulary of the first. See notebook 06."""

    train: Reviews
    validation: Reviews
    test: Reviews
    vocab: Vocab


def tokenize(text: str) -> list[str]:
    """Lower-case words and punctuation marks, without HTML tags. See notebook 06.

    Anything but a string is a TypeError.
    """
    if not isinstance(text, str):
        raise TypeError(f"a review is a {type(text).__name__}; expected a string")
    return _basic_english(re.sub(r"</?[a-zA-Z][^<>]*>", " ", text))


def load_imdb(data: str, train: bool) -> tuple[list[str], Tensor]:
    """The raw texts of IMDB's training or test reviews at the scale `data`, and labels: 1 is positive.

    "sample" writes 1,000 and 400 short reviews, "full" downloads the real 25,000 and 25,000 on first
    use, "subset" keeps a tenth of those. See notebook 06.
    """
    check_scale(data)
    if data == "sample":
        folder = draw_imdb(data_root() / "sample")
    else:
        folder = data_root() / "imdb" / "aclImdb"
        if not (folder / "test" / "pos").exists():
            _download_imdb(folder.parent)
    raw = Field(sequential=False, use_vocab=False)
    examples = IMDB(str(folder / ("train" if train else "test")), raw, raw).examples
    # Folders list their files in any order; by a sum of the text, the first tenth is a fair one.
    examples.sort(key=lambda e: (e.label, hashlib.md5(e.text.encode()).digest()))
    labels = [int(example.label == "pos") for example in examples]
    keep: Sequence[int] = range(len(labels))
    if data == "subset":
        keep = first_of_each_class(labels, len(labels) // 10)
    return [examples[i].text for i in keep], torch.tensor([labels[i] for i in keep])


def imdb_splits(data: str, *, max_size: int, max_length: int, seed: int = 0) -> ReviewSplits:
    """Nine tenths of the training reviews, the other tenth, and the test reviews, as numbers.

    The vocabulary holds the `max_size` most frequent words of the first part. Of a longer review only
    the last `max_length` words are kept. What was tokenized once is read from a cache. See notebook 06.
    """
    check_scale(data)
    texts, labels, numbers, counter = _cached_numbers(data, seed)
    vocab = make_vocab(counter, max_size)
    parts = []
    for part_texts, part_labels, part in zip(texts, labels, numbers, strict=True):
        # Words are numbered by frequency, so a smaller vocabulary is a cut.
        cut = [torch.where(n < len(vocab), n, 0)[-max_length:] for n in part]
        parts.append(Reviews(part_texts, cut, part_labels))
    return ReviewSplits(*parts, vocab)


def make_vocab(counter: Counter, max_size: int | None) -> Vocab:
    """Number 0 is the unknown word, 1 the padding, then the words from the most frequent on."""
    return Vocab(counter, max_size=max_size, specials=[UNKNOWN, PADDING])


def encode(text: str, vocab: Vocab, max_length: int) -> Tensor:
    """The numbers of a text's last `max_length` words, int64; one unknown word for a text without any."""
    tokens = tokenize(text)[-max_length:]
    known = vocab.stoi  # a defaultdict would grow with every unknown word, hence .get
    return torch.tensor([known.get(token, 0) for token in tokens] or [0])


def load_glove(data: str, dim: int) -> Vectors:
    """GloVe 6B vectors of `dim` numbers (Pennington et al., 2014), through torchtext.

    At scale "sample" they are drawn. Else glove.6B.zip (862 MB) is downloaded on first use and the one file that
    is needed is unpacked. Another `dim` than 50, 100, 200 or 300 is a ValueError. See notebook 06.
    """
    check_scale(data)
    if dim not in GLOVE_DIMENSIONS:
        raise ValueError(f"GLOVE_DIM is {dim!r}; expected one of {GLOVE_DIMENSIONS}")
    if data == "sample":
        folder = draw_glove(data_root() / "sample", dim)
    else:
        folder = data_root() / "glove"
        if not (folder / f"glove.6B.{dim}d.txt").exists():
            _download_glove(folder, dim)
    with contextlib.redirect_stderr(io.StringIO()):  # torchtext's progress bar
        return GloVe(name="6B", dim=dim, cache=str(folder))


def glove_embedding(vocab: Vocab, vectors: Vectors, seed: int = 0) -> tuple[nn.Embedding, Tensor]:
    """An embedding layer with a row for each word of `vocab`, and which words have a vector (bool).

    A word without one gets a small random row, the padding gets zeros. See notebook 06.
    """
    generator = torch.Generator().manual_seed(seed)
    weight = 0.1 * torch.randn(len(vocab), vectors.dim, generator=generator)
    rows = torch.tensor([vectors.stoi.get(word, -1) for word in vocab.itos])
    found = rows >= 0
    weight[found] = vectors.vectors[rows[found]]
    padding = vocab.stoi[PADDING]
    weight[padding] = 0
    return nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=padding), found


def _cached_numbers(data: str, seed: int) -> tuple[list, list, list, Counter]:
    """Texts, labels and word numbers of the three parts, and the word counts of the first."""
    source = Path(__file__).read_bytes() + Path(__file__).with_name("sample_text.py").read_bytes()
    key = hashlib.sha256(source + f"{data} {seed}".encode()).hexdigest()[:16]
    path = data_root() / "cache" / f"imdb-{data}-{key}.pt"
    if path.exists():
        with contextlib.suppress(Exception):  # a damaged cache is made again
            saved = torch.load(path, weights_only=True)
            numbers = [list(flat.long().split(sizes)) for flat, sizes in saved["numbers"]]
            return saved["texts"], saved["labels"], numbers, Counter(saved["counts"])
    (train_texts, train_labels), (test_texts, test_labels) = (
        load_imdb(data, t) for t in (True, False)
    )
    first, second = split_by_class(train_labels, 0.1, seed)
    texts = [[train_texts[i] for i in first], [train_texts[i] for i in second], test_texts]
    tokens = [[tokenize(text) for text in part] for part in texts]
    counter = Counter(token for review in tokens[0] for token in review)
    known = make_vocab(counter, None).stoi
    numbers = [[torch.tensor([known.get(t, 0) for t in r] or [0]) for r in part] for part in tokens]
    labels = [train_labels[first], train_labels[second], test_labels]
    flat = [(torch.cat(part).int(), [len(n) for n in part]) for part in numbers]
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        part = Path(scratch) / path.name
        torch.save(
            {"texts": texts, "labels": labels, "numbers": flat, "counts": dict(counter)}, part
        )
        part.replace(path)
    return texts, labels, numbers, counter


def _download_imdb(root: Path) -> None:
    """Put the unpacked reviews under `root`, whole or not at all."""
    root.mkdir(parents=True, exist_ok=True)
    need_space(root, 1.0)
    archive = fetch(IMDB_URLS, root / "aclImdb_v1.tar.gz", algorithm="md5", checksum=IMDB_MD5)
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        extract_archive(str(archive), scratch)
        if (root / "aclImdb").exists():
            (root / "aclImdb").rename(Path(scratch) / "damaged")
        (Path(scratch) / "aclImdb").rename(root / "aclImdb")
    archive.unlink()


def _download_glove(root: Path, dim: int) -> None:
    """Put the one vector file that is needed under `root`; the archive stays for the other sizes."""
    root.mkdir(parents=True, exist_ok=True)
    need_space(root, 2.5)
    archive = fetch(GLOVE_URLS, root / "glove.6B.zip", algorithm="sha256", checksum=GLOVE_SHA256)
    with zipfile.ZipFile(archive) as packed, tempfile.TemporaryDirectory(dir=root) as scratch:
        name = f"glove.6B.{dim}d.txt"
        packed.extract(name, scratch)
        (Path(scratch) / name).replace(root / name)
