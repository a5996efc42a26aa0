"""The sentiment classifier of notebook 06, and its use on any text."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from helpers.reviews import Padded, pad_batch


class SentimentLSTM(nn.Module):
    """Two LSTMs, one reading forwards and one backwards, and the largest output of each number over the steps.

    Takes `Padded` reviews, returns N x 2 logits (negative, positive). Padding never reaches the result: the
    backward LSTM reads each review reversed within its own length. Built in notebook 06.
    """

    def __init__(self, embedding: nn.Embedding, hidden: int = 64, dropout: float = 0.5):
        super().__init__()
        self.embedding = embedding
        self.dropout = nn.Dropout(dropout)
        self.forwards = nn.LSTM(embedding.embedding_dim, hidden, batch_first=True)
        self.backwards = nn.LSTM(embedding.embedding_dim, hidden, batch_first=True)
        self.output = nn.Linear(2 * hidden, 2)

    def forward(self, batch: Padded) -> Tensor:
        lengths = batch.lengths.to(batch.tokens.device).unsqueeze(1)
        steps = torch.arange(batch.tokens.shape[1], device=batch.tokens.device)
        inside = (steps < lengths).unsqueeze(2)
        words = self.dropout(self.embedding(batch.tokens))
        mirrored = (lengths - 1 - steps).clamp(min=0).unsqueeze(2).expand_as(words)
        outputs = torch.cat(
            [self.forwards(words)[0], self.backwards(words.gather(1, mirrored))[0]], dim=2
        )
        largest = outputs.masked_fill(~inside, float("-inf")).amax(dim=1)
        return self.output(self.dropout(largest))


@torch.no_grad()
def predict_sentiment(
    model: nn.Module,
    texts: Sequence[str],
    encode: Callable[[str], Tensor],
    device: torch.device | str = "cpu",
) -> Tensor:
    """The probability that each text is positive: N numbers from 0 to 1, on the CPU.

    `encode` turns a text into word numbers. A text without words counts as one unknown word. See notebook 06.
    """
    if isinstance(texts, str):
        raise TypeError("texts is one string; expected a list of strings")
    if len(texts) == 0:
        raise ValueError("there are no texts; expected at least one")
    was_training = model.training
    model.eval()
    batch, _ = pad_batch([(encode(text), torch.tensor(0)) for text in texts])
    scores = model(batch.to(device)).softmax(dim=1)[:, 1].cpu()
    model.train(was_training)
    return scores
