"""Measures against published values and against counting by hand."""

import pytest
import torch

import helpers


def test_wilson_interval_has_the_published_values():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: four shares.
    for correct, total, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert helpers.accuracy_interval(correct, total) == pytest.approx((low, high), abs=6e-5)


def test_wilson_interval_ends_exactly_at_the_ends():
    for total in (7, 20, 1000):
        assert helpers.accuracy_interval(0, total)[0] == 0
        assert helpers.accuracy_interval(total, total)[1] == 1


@pytest.mark.parametrize(("correct", "total"), [(5, 4), (-1, 4), (0, 0)])
def test_impossible_counts(correct, total):
    with pytest.raises(ValueError, match=f"{correct} correct out of {total}; expected"):
        helpers.accuracy_interval(correct, total)


def test_confusion_matrix_counts():
    labels = torch.tensor([0, 0, 1, 2, 2, 2])
    predictions = torch.tensor([0, 1, 1, 0, 2, 2])
    expected = [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert helpers.confusion_matrix(labels, predictions, 3).tolist() == expected


def test_confusion_matrix_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match=r"\(2,\) labels, \(1,\) predictions"):
        helpers.confusion_matrix(torch.tensor([0, 1]), torch.tensor([0]), 2)
    with pytest.raises(ValueError, match="run from 0 to 2; expected 0 to 1"):
        helpers.confusion_matrix(torch.tensor([0, 1]), torch.tensor([0, 2]), 2)


def test_calibration_by_hand():
    probabilities = torch.tensor([[0.95, 0.05], [0.92, 0.08], [0.38, 0.62], [0.66, 0.34]])
    labels = torch.tensor([0, 1, 1, 0])
    result = helpers.calibration(probabilities, labels)
    assert result.count.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert result.accuracy[9].item() == 0.5 and result.accuracy[6].item() == 1.0
    assert result.confidence[9].item() == pytest.approx(0.935)
    assert result.confidence[0].isnan()
    # Half of the predictions are off by 0.935 - 0.5, the other half by 1 - 0.64.
    assert result.error == pytest.approx((0.435 + 0.36) / 2)


def test_a_certain_and_right_model_is_calibrated():
    labels = torch.tensor([0, 1, 2])
    result = helpers.calibration(torch.eye(3), labels)
    assert result.error == 0 and result.count[9] == 3


def test_calibration_needs_probabilities():
    with pytest.raises(ValueError, match="rows of probabilities that sum to one"):
        helpers.calibration(torch.tensor([[2.0, 1.0]]), torch.tensor([0]))
