"""Reviews: the real loaders read the sample, batches are right, padding has no say, anything gets an answer."""

import hashlib
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn
from torchtext.datasets import IMDB

import helpers
from helpers import lstm, reviews, sample_text, text


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTORCH_IN_PRACTICE_DATA", str(tmp_path_factory.mktemp("text")))
        yield text.imdb_splits("sample", max_size=5000, max_length=200)


@pytest.fixture
def model(splits):
    torch.manual_seed(0)
    embedding = nn.Embedding(len(splits.vocab), 10, padding_idx=reviews.PAD)
    return lstm.SentimentLSTM(embedding, hidden=8).eval()


def sums(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_sample_is_the_same_every_time_and_torchtext_reads_it(tmp_path):
    first = sample_text.draw_imdb(tmp_path / "a")
    assert sums(first) == sums(sample_text.draw_imdb(tmp_path / "b"))
    field = text.Field(tokenize=text.tokenize)
    train, test = IMDB.splits(field, text.Field(sequential=False), root=str(tmp_path / "a"))
    assert len(train) == 1000 and len(test) == 400
    lengths = [len(example.text) for example in train]
    assert min(lengths) == 3 and 100 < max(lengths) <= 200
    assert sum(example.label == "pos" for example in train) == 500


def test_words_of_both_kinds_occur_in_both_labels():
    rng = np.random.default_rng(0)
    friendly = " ".join(sample_text.write_review(True, rng)[0] for _ in range(300)).lower()
    for word in ("good", "bad", "not"):
        assert friendly.split().count(word) > 5


def test_a_drawing_that_breaks_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_text, "write_review", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sample_text.draw_imdb(tmp_path)
    assert list((tmp_path / "imdb").iterdir()) == []


def test_an_old_sample_is_written_again(tmp_path):
    folder = sample_text.draw_imdb(tmp_path)
    (folder / "drawn-by.txt").write_text("older")
    (folder / "train" / "pos" / "0_9.txt").write_text("old")
    sample_text.draw_imdb(tmp_path)
    assert len(list((folder / "train" / "pos").iterdir())) == 500


@pytest.mark.parametrize("dim", [50, 300])
def test_vectors_are_copied_and_the_missing_ones_counted(splits, data_root, dim):
    vectors = text.load_glove("sample", dim)
    embedding, found = text.glove_embedding(splits.vocab, vectors)
    assert embedding.weight.shape == (len(splits.vocab), dim) and embedding.weight.requires_grad
    good, name = splits.vocab.stoi["good"], splits.vocab.stoi["zorvath"]
    assert torch.equal(embedding.weight[good].detach(), vectors["good"]) and found[good]
    assert not found[name] and 0 < embedding.weight[name].norm() < 3
    assert not embedding.weight[reviews.PAD].any()
    assert vectors.vectors.shape[1] == dim


@pytest.mark.parametrize("dim", [25, "50", None])
def test_unknown_dimension(dim):
    with pytest.raises(ValueError, match=r"GLOVE_DIM is .*; expected one of \(50, 100, 200, 300\)"):
        text.load_glove("sample", dim)


def test_tokens():
    given = "A GREAT movie.<br /><br />Isn't it? 3 < 5 and 7 > 6"
    expected = [
        "a",
        "great",
        "movie",
        ".",
        "isn",
        "'",
        "t",
        "it",
        "?",
        "3",
        "<",
        "5",
        "and",
        "7",
        ">",
        "6",
    ]
    assert text.tokenize(given) == expected


@pytest.mark.parametrize("given", [None, 3, b"bytes", ["a", "list"], float("nan")])
def test_what_is_no_text_is_named(given):
    with pytest.raises(TypeError, match=f"a review is a {type(given).__name__}; expected a string"):
        text.tokenize(given)


def test_encoding_keeps_the_end_and_knows_the_unknown(splits):
    vocab = splits.vocab
    size = len(vocab.stoi)
    numbers = text.encode("unheard the film was good", vocab, 3)
    assert numbers.tolist() == [vocab.stoi[word] for word in ("film", "was", "good")]
    assert text.encode("unheard of", vocab, 9)[0] == 0
    assert text.encode("", vocab, 9).tolist() == [0]
    assert len(vocab.stoi) == size, "looking a word up must not add it"


def test_the_vocabulary_comes_from_the_training_part_alone(splits):
    words = Counter(word for review in splits.train.texts for word in text.tokenize(review))
    assert set(splits.vocab.itos[2:]) == set(words)
    assert splits.vocab.freqs == words, "words of another part were counted"
    counts = [words[word] for word in splits.vocab.itos[2:]]
    assert counts == sorted(counts, reverse=True)
    for review, numbers in zip(splits.validation.texts, splits.validation.numbers, strict=True):
        assert torch.equal(numbers, text.encode(review, splits.vocab, 200))


def test_a_cut_vocabulary_and_length_are_the_same_as_encoding_anew(data_root):
    small = text.imdb_splits("sample", max_size=40, max_length=12)
    assert len(small.vocab) == 42
    for part in (small.train, small.test):
        for review, numbers in zip(part.texts, part.numbers, strict=True):
            assert torch.equal(numbers, text.encode(review, small.vocab, 12))


def test_the_cache_is_used_and_a_damaged_one_is_made_again(data_root, monkeypatch):
    first = text.imdb_splits("sample", max_size=99, max_length=50)
    (cache,) = (data_root / "cache").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(text, "tokenize", lambda _: pytest.fail("tokenized again"))
        again = text.imdb_splits("sample", max_size=99, max_length=50)
    assert again.vocab.itos == first.vocab.itos
    for a, b in zip(first[:3], again[:3], strict=True):
        assert a.texts == b.texts and torch.equal(a.labels, b.labels)
        assert all(torch.equal(x, y) for x, y in zip(a.numbers, b.numbers, strict=True))
    cache.write_bytes(cache.read_bytes()[:5000])
    assert text.imdb_splits("sample", max_size=99, max_length=50).vocab.itos == first.vocab.itos
    assert [path.name for path in (data_root / "cache").iterdir()] == [cache.name]


def test_buckets_hold_every_review_once_and_waste_little(splits):
    lengths = splits.train.lengths
    sampler = reviews.LengthBatches(lengths, 16, torch.Generator().manual_seed(0))
    one, two = list(sampler), list(sampler)
    for batches in (one, two):
        assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
        assert len(batches) == len(sampler)
        cells = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
        assert cells < 1.15 * sum(lengths)
    assert one != two
    assert one == list(reviews.LengthBatches(lengths, 16, torch.Generator().manual_seed(0)))


def test_padding_never_reaches_the_result(splits, model):
    alone = [model(reviews.pad_batch([splits.test[i]])[0])[0] for i in range(40)]
    together = model(reviews.pad_batch([splits.test[i] for i in range(40)])[0])
    torch.testing.assert_close(torch.stack(alone), together, atol=1e-5, rtol=0)


def test_the_backward_lstm_reads_from_each_reviews_own_end(splits, model):
    (numbers, _) = splits.test[0]
    words = model.embedding(numbers).unsqueeze(0)
    by_hand = torch.cat([model.forwards(words)[0], model.backwards(words.flip(1))[0]], dim=2).amax(
        1
    )
    batch, _ = reviews.pad_batch([splits.test[0], max(splits.test, key=lambda item: len(item[0]))])
    torch.testing.assert_close(model(batch)[0], model.output(by_hand)[0], atol=1e-5, rtol=0)


def test_lengths_stay_on_the_cpu(splits):
    batch, _ = reviews.pad_batch([splits.test[0], splits.test[1]])
    moved = batch.to("meta")
    assert moved.tokens.device.type == "meta" and moved.lengths.device.type == "cpu"


@pytest.mark.parametrize(
    "given",
    ["", " ", "<br />", "xyzzy qwrtz", "good " * 50_000, "이 영화는 정말 재미있었다", "\x00"],
)
def test_any_text_gets_an_answer(splits, model, given):
    def encode(review):
        return text.encode(review, splits.vocab, 256)

    (score,) = lstm.predict_sentiment(model, [given], encode)
    assert 0 <= score <= 1
    both = lstm.predict_sentiment(model, [given, "good film"], encode)
    assert both[0] == pytest.approx(score.item(), abs=1e-5)


def test_one_string_is_not_a_list(model):
    with pytest.raises(TypeError, match="texts is one string; expected a list"):
        lstm.predict_sentiment(model, "good", lambda review: torch.tensor([0]))


def test_clipping_limits_the_gradient(coloured_images):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    before = [p.detach().clone() for p in model.parameters()]
    loader = helpers.make_loader(coloured_images, 40)
    helpers.train_one_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=1.0), clip=0.01)
    moved = sum((p - b).pow(2).sum() for p, b in zip(model.parameters(), before, strict=True))
    assert moved.sqrt().item() == pytest.approx(0.01, rel=1e-3)


def test_fit_clips_too(coloured_images):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    before = [p.detach().clone() for p in model.parameters()]
    loader = helpers.make_loader(coloured_images, 40)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    helpers.fit(model, loader, loader, optimizer, epochs=1, clip=0.01)
    moved = sum((p - b).pow(2).sum() for p, b in zip(model.parameters(), before, strict=True))
    assert moved.sqrt().item() == pytest.approx(0.01, rel=1e-3)


def test_old_vectors_are_drawn_again(tmp_path):
    folder = sample_text.draw_glove(tmp_path, 50)
    path = folder / "glove.6B.50d.txt"
    before = path.read_bytes()
    path.write_text("good 1")
    (folder / "drawn-by-50.txt").write_text("older")
    (folder / "glove.6B.50d.txt.pt").write_text("older")
    sample_text.draw_glove(tmp_path, 50)
    assert path.read_bytes() == before and not (folder / "glove.6B.50d.txt.pt").exists()


def test_predicting_keeps_the_mode_and_needs_texts(splits, model):
    def encode(review):
        return text.encode(review, splits.vocab, 9)

    model.train()
    lstm.predict_sentiment(model, ["good"], encode)
    assert model.training
    with pytest.raises(ValueError, match="there are no texts"):
        lstm.predict_sentiment(model, [], encode)


def test_reviews_that_do_not_match():
    one = torch.tensor([1])
    with pytest.raises(ValueError, match="2 texts, 1 encoded, 1 labels; expected one each"):
        reviews.Reviews(["a", "b"], [one], one)
    with pytest.raises(ValueError, match="holds no reviews"):
        reviews.Reviews([], [], one[:0])
