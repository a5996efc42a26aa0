"""What holds for every notebook, besides that it runs and its outputs are right (`pytest --nbval`)."""

import ast
import inspect
import json
import re
from pathlib import Path

import pytest

import helpers
import helpers.images
import helpers.lstm

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TITLES = [path.stem for path in NOTEBOOKS]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LONGEST_CELL = 20  # lines; most have fewer than fifteen

# Numbers in the prose that no cell prints, each with the sum that gives it. A source that is linked
# in the same sentence needs no entry.
FACTS = {
    "60,000": "50_000 + 10_000",
    "50,000": "5 * 10_000",
    "154": "50_000 * 3 * 32 * 32 // 1_000_000 + 1",
    "3,072": "3 * 32 * 32",
    "400": "16 * 5 * 5",
    "1,600": "16 * 10 * 10",
    "248": "round(62_006 * 4 / 1000)",
    "255": "2**8 - 1",
    "99": "10 * 10 - 1",
    "10,000": "10_000",
    "90": "100 * 9 // 10",
    "62,006": "456 + 2416 + 48_120 + 10_164 + 850",
}


@pytest.fixture(params=NOTEBOOKS, ids=TITLES)
def notebook(request):
    return request.param, json.loads(request.param.read_text(encoding="utf-8"))


def cells(notebook, kind):
    found = [cell for cell in notebook["cells"] if cell["cell_type"] == kind]
    return [(cell, "".join(cell["source"])) for cell in found]


def texts(cell):
    """Everything that a cell prints or returns, as text."""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield "".join(output["text"])
        elif "text/plain" in output.get("data", {}):
            yield "".join(output["data"]["text/plain"])


def test_there_are_notebooks():
    assert [title[:2] for title in TITLES] == [f"{i:02}" for i in range(len(TITLES))]
    assert len(TITLES) >= 6


def test_every_code_cell_was_executed_in_order(notebook):
    counts = [cell["execution_count"] for cell, _ in cells(notebook[1], "code")]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_hold_no_error_no_warning_and_no_path(notebook):
    for cell, source in cells(notebook[1], "code"):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", source
            assert output.get("name") != "stderr", source
        for text in texts(cell):
            assert not re.search(r"/(home|root|tmp|work|Users|content|mnt)/|[A-Z]:\\", text), text


def test_metadata_holds_nothing_left_over(notebook):
    assert notebook[1]["metadata"] == METADATA
    for cell in notebook[1]["cells"]:
        assert set(cell["metadata"]) <= {"tags"}


def test_the_first_code_cell_chooses_the_data(notebook):
    cell, source = cells(notebook[1], "code")[0]
    assert cell["metadata"] == {"tags": ["parameters"]}
    assert source.splitlines()[0] == 'DATA = "sample"  # @param ["sample", "subset", "full"]'


def test_settings_are_given_for_all_three_scales(notebook):
    for _, source in cells(notebook[1], "code"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
                keys = [key.value for key in node.value.keys]
                assert keys == ["sample", "subset", "full"], source


def test_the_parts_of_a_lesson_are_there(notebook):
    path, content = notebook
    prose = [source for _, source in cells(content, "markdown")]
    first = prose[0]
    assert re.match(rf"# {path.stem[:2]} · \w", first)
    promises = re.search(r"After this notebook you can\n\n((?:- .*\n(?:  .*\n)*)+)", first).group(1)
    assert 3 <= len(re.findall(r"(?m)^- ", promises)) <= 5
    assert "| time to run all cells on two CPU cores |" in first
    assert re.search(r"(?s)## Summary\n.*## Where to go next\n", prose[-1])
    sections = [int(n) for n in re.findall(r"(?m)^## (\d+) ", "\n".join(prose))]
    assert sections == list(range(1, len(sections) + 1)) and len(sections) >= 4


def test_readme_and_notebook_give_the_same_title_and_times(notebook):
    path, content = notebook
    first = cells(content, "markdown")[0][1]
    title = re.match(r"# (.*)\n", first).group(1)
    times = re.search(r"\| time to run all cells on two CPU cores (\|.*\|)", first).group(1)
    rows = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if f"(notebooks/{path.name})" in row)
    assert row.startswith(f"| [{title}]") and row.endswith(times)


def test_code_is_short_and_prose_stands_between(notebook):
    kinds = [cell["cell_type"] for cell in notebook[1]["cells"]]
    assert "code,code,code,code" not in ",".join(kinds)
    for _, source in cells(notebook[1], "code"):
        assert len(source.splitlines()) <= LONGEST_CELL, source


def test_figures_say_what_they_show(notebook):
    figures = 0
    for cell, source in cells(notebook[1], "code"):
        assert "plt.show" not in source, "use helpers.show, which needs an alt text"
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                figures += 1
                alt = output["metadata"]["image/png"]["alt"]
                assert len(alt) > 40 and alt == "".join(output["data"]["text/plain"])
    assert figures >= 1


def test_prose_keeps_calm(notebook):
    for _, source in cells(notebook[1], "markdown"):
        prose = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)", "", source)
        assert "!" not in prose, source
        assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", prose), source


def test_links_lead_somewhere(notebook):
    path, content = notebook
    for _, source in cells(content, "markdown"):
        for target in re.findall(r"\]\(([^)\s]+)\)", source):
            if not target.startswith(("https://", "http://")):
                assert (path.parent / target).exists(), target


def numbers(text):
    """The numbers in a text that a reader might check: decimals, percentages, and whole ones from 100."""
    for match in re.finditer(r"(?<![\w.,])(\d[\d,]*\d|\d)(\.\d+)?( ?%)?(?![\w])", text):
        whole, decimals, percent = match.groups()
        if decimals or percent or len(whole.replace(",", "")) > 2:
            yield (
                match.group(),
                float(whole.replace(",", "") + (decimals or "")),
                len(decimals or ".") - 1,
            )


def test_numbers_in_the_prose_are_those_that_the_cells_show(notebook):
    shown = set()
    for cell, source in cells(notebook[1], "code"):
        for text in (source.replace("_", ""), *texts(cell)):
            found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?", text)
            shown.update(float(number.replace(",", "")) for number in found)
    shown |= {100 * n for n in shown}
    wrong = []
    for _, source in cells(notebook[1], "markdown"):
        # Code, formulas, tables (compared with the README elsewhere) and cited sources speak for themselves.
        prose = re.sub(
            r"`[^`]*`|```.*?```|\$\$?[^$]*\$\$?|\[[^]]*\]\([^)]*\)|(?m:^\|.*$)",
            "",
            source,
            flags=re.S,
        )
        for text, value, decimals in numbers(prose):
            fact = FACTS.get(text.rstrip(" %"))
            if fact is not None and eval(fact) == value:
                continue
            if not any(round(n, decimals) == value for n in shown):
                wrong.append((text, prose[max(0, prose.find(text) - 60) :][:120]))
    assert wrong == []


def definition(source, name):
    """A class or function as text, without the docstrings and types that a notebook leaves out."""
    tree = next(n for n in ast.walk(ast.parse(source)) if getattr(n, "name", None) == name)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


@pytest.mark.parametrize(
    ("number", "name", "exported", "dropped"),
    [
        ("01", "TensorImages", helpers.TensorImages, "check_images(images, labels)\n"),
        ("01", "keep_batch", helpers.images.keep_batch, ""),
        ("02", "Net", helpers.Net, ""),
        ("06", "SentimentLSTM", helpers.lstm.SentimentLSTM, ""),
    ],
)
def test_notebook_and_helpers_define_the_same(number, name, exported, dropped):
    path = next(path for path in NOTEBOOKS if path.name.startswith(number))
    content = json.loads(path.read_text(encoding="utf-8"))
    taught = next(s for _, s in cells(content, "code") if re.search(rf"(class|def) {name}\b", s))
    used = inspect.getsource(exported)
    assert dropped in used
    assert definition(taught, name) == definition(used.replace(dropped, ""), name)
