"""The tools around the notebooks: what turns a run red, and what `make outputs` writes."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parent.parent


def load_tool():
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printing(text, saved):
    """A cell that prints `text`, with `saved` as its saved output."""
    output = new_output("stream", name="stdout", text=saved + "\n")
    return new_code_cell(f"print({text!r})", outputs=[output], execution_count=1)


def test_a_changed_output_turns_the_run_red(tmp_path):
    pairs = [
        ("shape: (2, 3)", "shape: (2, 3)", True),
        ("shape: (2, 3)", "shape: (2, 4)", False),
        ("first loss: 2.305", "first loss: 2.306", False),
        ("accuracy ≈ 71.2% of 400", "accuracy ≈ 69.8% of 400", True),
        ("accuracy ≈ 71.2% of 400", "accuracy ≈ 71.2% of 500", False),
        ("took 3.1 s, 1,200 images/s", "took 12 s, 90 images/s", True),
        ("trained for 3 epochs", "trained for 4 epochs", False),
        ("dog taken for cat: ≈ 7 times", "horse taken for deer: ≈ 9 times", True),
        ("addmm: mat1 and mat2", "mat1 and mat2", True),
    ]
    notebook = new_notebook(cells=[printing(text, saved) for text, saved, _ in pairs])
    nbformat.write(notebook, tmp_path / "changed.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-n0", "-p", "no:cacheprovider", "-rA"]
    command += ["-p", "conftest", str(tmp_path / "changed.ipynb")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    for number, (text, saved, passes) in enumerate(pairs):
        line = rf"{'PASSED' if passes else 'FAILED'} \S*changed\.ipynb::Cell {number}\b"
        assert re.search(line, result.stdout), (text, saved, result.stdout)
    assert result.returncode == 1


def test_outputs_are_refreshed_and_times_are_kept(tmp_path, monkeypatch):
    tool = load_tool()
    monkeypatch.setattr(tool, "NOTEBOOKS", tmp_path)
    notebook = new_notebook(
        cells=[
            printing("took 2.0 s", "took 1.5 s"),
            printing("accuracy ≈ 71.2%", "accuracy ≈ 69.8%"),
            new_code_cell("1 + 1", metadata={"tags": ["x"], "trusted": True}),
        ],
        metadata={"kernelspec": {"name": "mine", "display_name": "mine"}, "widgets": {}},
    )
    path = tmp_path / "00_small.ipynb"
    nbformat.write(notebook, path)
    tool.refresh(path)
    first = path.read_bytes()
    saved = nbformat.read(path, as_version=4)
    times, trained, value = saved.cells
    assert times.outputs[0].text == "took 1.5 s\n"
    assert trained.outputs[0].text == "accuracy ≈ 71.2%\n"
    assert value.outputs[0].data == {"text/plain": "2"} and value.metadata == {"tags": ["x"]}
    assert [cell.execution_count for cell in saved.cells] == [1, 2, 3]
    assert value.outputs[0].execution_count == 3
    assert saved.metadata == tool.METADATA

    tool.refresh(path)
    assert path.read_bytes() == first


def test_a_notebook_that_fails_keeps_its_outputs(tmp_path, monkeypatch):
    tool = load_tool()
    monkeypatch.setattr(tool, "NOTEBOOKS", tmp_path)
    path = tmp_path / "00_wrong.ipynb"
    nbformat.write(new_notebook(cells=[printing("a", "b"), new_code_cell("1 / 0")]), path)
    before = path.read_bytes()
    monkeypatch.setattr(sys, "argv", ["notebooks.py", "outputs"])
    with pytest.raises(SystemExit, match="failed: 00_wrong"):
        tool.main()
    assert path.read_bytes() == before


def test_notebooks_are_chosen_by_number():
    tool = load_tool()
    assert [path.name[:2] for path in tool.choose("04, 01")] == ["01", "04"]
    assert len(tool.choose("")) >= 6
    with pytest.raises(SystemExit, match="there is no notebook '99'; there are 00, 01"):
        tool.choose("99")
