"""The loop learns, counts each example once, keeps the best, and resumes as if never stopped."""

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

import helpers
from helpers.images import TensorImages


def run(images, *, epochs=4, seed=0, **options):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(3072, 2))
    train = helpers.make_loader(images, 16, shuffle=True, seed=seed)
    validation = helpers.make_loader(images, 16)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    scheduler = OneCycleLR(optimizer, 0.001, epochs=4, steps_per_epoch=len(train))
    return model, lambda: helpers.fit(
        model, train, validation, optimizer, scheduler, epochs=epochs, **options
    )


def test_fit_learns_and_reports_every_epoch(coloured_images):
    _, fit = run(coloured_images)
    history = fit()
    assert history["validation_accuracy"][-1] == 1.0
    assert history["train_loss"][-1] < history["train_loss"][0]
    assert {len(values) for values in history.values()} == {4}


def test_every_example_counts_once_whatever_the_batches(coloured_images):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    whole = helpers.evaluate(model, helpers.make_loader(coloured_images, 40))
    pieces = helpers.evaluate(model, helpers.make_loader(coloured_images, 32))  # 32 and 8
    assert whole == pytest.approx(pieces, rel=1e-5)
    images, labels = coloured_images.__getitems__(list(range(40)))
    by_hand = nn.functional.cross_entropy(model(images), labels).item()
    assert whole[0] == pytest.approx(by_hand, rel=1e-5)


def test_training_numbers_are_sums_over_examples(coloured_images):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    frozen = torch.optim.SGD(model.parameters(), lr=0.0)
    loader = helpers.make_loader(coloured_images, 32)
    trained = helpers.train_one_epoch(model, loader, frozen)
    assert trained == pytest.approx(helpers.evaluate(model, loader), rel=1e-5)


def test_predict_keeps_the_order_and_the_mode(coloured_images):
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(3072, 2))
    loader = helpers.make_loader(coloured_images, 7)
    model.train()
    logits, labels = helpers.predict(model, loader)
    again, _ = helpers.predict(model, loader)
    assert torch.equal(labels, coloured_images.labels) and logits.shape == (40, 2)
    assert torch.equal(logits, again), "dropout was active"
    assert model.training and not logits.requires_grad


def test_best_weights_are_kept(coloured_images):
    # With a learning rate this large, training ruins the model after it was good.
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    ruin = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 if step < 9 else -1e5)
    train = helpers.make_loader(coloured_images, 16, shuffle=True)
    validation = helpers.make_loader(coloured_images, 40)
    history = helpers.fit(model, train, validation, optimizer, ruin, epochs=6)
    accuracies = history["validation_accuracy"]
    assert accuracies[-1] < max(accuracies)
    assert helpers.evaluate(model, validation)[1] == max(accuracies)


def test_resumed_is_the_same_as_never_stopped(coloured_images, tmp_path):
    model, fit = run(coloured_images)
    history = fit()

    stopped_model, fit_stopped = run(coloured_images, checkpoint=tmp_path / "c.pt")
    calls = iter(range(100))

    def stop(module, inputs):
        if module.training and next(calls) == 7:  # in the third epoch of three batches each
            raise KeyboardInterrupt

    stopped_model.register_forward_pre_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        fit_stopped()

    resumed_model, fit_resumed = run(coloured_images, checkpoint=tmp_path / "c.pt", resume=True)
    torch.manual_seed(99)
    resumed = fit_resumed()
    for name in ("train_loss", "train_accuracy", "validation_loss", "learning_rate"):
        assert resumed[name] == history[name], name
    for a, b in zip(model.parameters(), resumed_model.parameters(), strict=True):
        assert torch.equal(a, b)
    assert [p.name for p in tmp_path.iterdir()] == ["c.pt"]


def test_a_save_that_breaks_leaves_the_old_checkpoint(coloured_images, tmp_path, monkeypatch):
    path = tmp_path / "c.pt"
    run(coloured_images, epochs=1, checkpoint=path)[1]()
    before = path.read_bytes()

    def full_disk(state, file):
        file.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space"):
        run(coloured_images, checkpoint=path)[1]()
    assert path.read_bytes() == before


def test_checkpoint_of_another_model_is_refused_and_changes_nothing(coloured_images, tmp_path):
    path = tmp_path / "c.pt"
    run(coloured_images, epochs=1, checkpoint=path)[1]()
    other = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(3072, 3))
    before = {name: value.clone() for name, value in other.state_dict().items()}
    optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, 0.1, total_steps=5)
    with pytest.raises(ValueError, match=r"another model: 2.bias is \(2,\) in the file and \(3,\)"):
        helpers.load_checkpoint(path, other, optimizer, scheduler, None)
    assert all(torch.equal(before[name], value) for name, value in other.state_dict().items())
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1 / 25)


def test_checkpoint_errors_say_what_is_wrong(coloured_images, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*missing\.pt; train with"):
        run(coloured_images, checkpoint=tmp_path / "missing.pt", resume=True)[1]()
    with pytest.raises(FileNotFoundError, match="no checkpoint None"):
        run(coloured_images, resume=True)[1]()
    (tmp_path / "damaged.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match=r"damaged.pt is not a checkpoint that fit\(\) wrote"):
        run(coloured_images, checkpoint=tmp_path / "damaged.pt", resume=True)[1]()
    torch.save({"weights": torch.ones(2)}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"other.pt is not a checkpoint that fit\(\) wrote"):
        run(coloured_images, checkpoint=tmp_path / "other.pt", resume=True)[1]()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda state: state.pop("scheduler"),
            r"is not a checkpoint that fit\(\) wrote \(KeyError\)",
        ),
        (lambda state: state.pop("history"), r"is not a checkpoint that fit\(\) wrote \(parts are"),
        (lambda state: state.update(model=3), r"is not a checkpoint that fit\(\) wrote"),
        (lambda state: state.update(optimizer={}), r"is not a checkpoint that fit\(\) wrote"),
        (lambda state: state["optimizer"]["param_groups"][0].pop("momentum"), "another optimizer"),
        (
            lambda state: state["scheduler"].update(total_steps=7),
            r"a schedule of 7 steps; this .* 12\.",
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_changes_nothing(coloured_images, tmp_path, change, message):
    path = tmp_path / "c.pt"
    run(coloured_images, epochs=1, checkpoint=path)[1]()
    state = torch.load(path, weights_only=True)
    change(state)
    torch.save(state, path)
    model, fit = run(coloured_images, checkpoint=path, resume=True)
    before = model[2].weight.clone()
    with pytest.raises(ValueError, match=message):
        fit()
    assert torch.equal(model[2].weight, before)


def test_checkpoint_with_a_schedule_needs_one(coloured_images, tmp_path):
    path = tmp_path / "c.pt"
    model, fit = run(coloured_images, epochs=1, checkpoint=path)
    fit()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="was written with a learning-rate schedule"):
        helpers.load_checkpoint(path, model, optimizer, None, None)


@pytest.mark.parametrize("label", [2, -1])
def test_labels_out_of_range(coloured_images, label):
    images = TensorImages(
        coloured_images.images, torch.full((40,), label), coloured_images.transform
    )
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))
    loader = helpers.make_loader(images, 16)
    message = f"labels run from {label} to {label}; expected 0 to 1 for 2 classes"
    with pytest.raises(ValueError, match=message):
        helpers.evaluate(model, loader)
    before = model[1].weight.clone()
    with pytest.raises(ValueError, match=message):
        helpers.train_one_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=1.0))
    assert torch.equal(model[1].weight, before)


def test_no_batches():
    model = nn.Linear(1, 2)
    with pytest.raises(ValueError, match="gave no batch"):
        helpers.evaluate(model, [])
    with pytest.raises(ValueError, match="gave no batch"):
        helpers.train_one_epoch(model, [], torch.optim.SGD(model.parameters(), lr=1.0))


def test_net_has_the_size_and_shape_of_the_original():
    model = helpers.Net()
    assert sum(p.numel() for p in model.parameters()) == 62_006
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    with pytest.raises(RuntimeError, match="2x1600 and 400x120"):
        model(torch.zeros(2, 3, 52, 52))


def test_device_can_be_chosen(monkeypatch, capsys):
    monkeypatch.setenv("PYTORCH_IN_PRACTICE_DEVICE", "meta")
    assert helpers.pick_device().type == "meta"
    threads = torch.get_num_threads()
    assert helpers.set_up("sample").type == "meta"
    assert torch.get_num_threads() == 1
    torch.set_num_threads(threads)
    assert capsys.readouterr().out == "data: sample, device: meta\n"


def test_set_up_fixes_the_random_numbers(monkeypatch):
    helpers.set_up("full")
    first = torch.rand(3)
    helpers.set_up("full")
    assert torch.equal(first, torch.rand(3))
