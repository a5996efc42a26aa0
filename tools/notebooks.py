"""Run the notebooks outside a browser: what `make run`, `make full` and `make outputs` call."""

import argparse
import ast
import copy
import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
SANITIZE = ROOT / "tests" / "sanitize.cfg"
KERNEL = [
    "--log-level=ERROR"
]  # without the kernel's warning that it talks over TCP on this machine
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["run", "full", "outputs"])
    parser.add_argument(
        "--nb", default="", help="numbers of notebooks, such as 04 or 01,04; all without it"
    )
    parser.add_argument("--data", default="full", help="the scale of `full`: full or subset")
    parser.add_argument("--set", default="", help="other parameters of `full`, such as SEED=1")
    arguments = parser.parse_args()
    paths = choose(arguments.nb)
    failed = []
    for path in paths:
        start = time.perf_counter()
        print(f"{path.stem} ...", flush=True)
        try:
            if arguments.what == "run":
                write_html(execute(path), BUILD / f"{path.stem}.html")
            elif arguments.what == "full":
                run_at_scale(path, arguments.data, arguments.set.split())
            else:
                refresh(path)
        except (CellExecutionError, DeadKernelError, RuntimeError) as error:
            failed.append(path.stem)
            print(error, file=sys.stderr)
        print(f"{path.stem}: {time.perf_counter() - start:.1f} s", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def choose(numbers: str) -> list[Path]:
    """The notebooks whose numbers are given, separated by commas or spaces; all of them for an empty text."""
    paths = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    wanted = re.split(r"[,\s]+", numbers.strip()) if numbers.strip() else []
    known = {path.name[:2] for path in paths}
    for number in wanted:
        if number not in known:
            sys.exit(f"there is no notebook {number!r}; there are {', '.join(sorted(known))}")
    return [path for path in paths if not wanted or path.name[:2] in wanted]


def execute(path: Path) -> nbformat.NotebookNode:
    """Run a notebook on the sample, on the CPU as its saved outputs were made, and return the executed copy."""
    os.environ.setdefault("PYTORCH_IN_PRACTICE_DEVICE", "cpu")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False, coalesce_streams=True,
        extra_arguments=KERNEL,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )  # fmt: skip
    client.execute()
    return notebook


def run_at_scale(path: Path, data: str, settings: list[str]) -> None:
    """Run a notebook with papermill on real data; the executed copy and its HTML go to build/full/.

    `settings` such as SEED=1 replace other parameters of the notebook and become part of the file's name.
    """
    import papermill

    output = BUILD / data / ("-".join([path.stem, *settings]) + ".ipynb")
    parameters = {name: ast.literal_eval(value) for name, value in (s.split("=") for s in settings)}
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            path,
            output,
            parameters={"DATA": data, **parameters},
            kernel_name="python3",
            cwd=NOTEBOOKS,
            log_output=True,
            extra_arguments=KERNEL,
        )
    except papermill.exceptions.PapermillExecutionError as error:
        raise RuntimeError(str(error)) from error
    finally:
        if output.exists():
            write_html(nbformat.read(output, as_version=4), output.with_suffix(".html"))


def refresh(path: Path) -> None:
    """Run a notebook and save the outputs in it. A cell whose outputs differ in nothing but times keeps its own."""
    old = nbformat.read(path, as_version=4)
    new = execute(path)
    hide = time_patterns()
    saved = {cell.id: cell for cell in old.cells if cell.cell_type == "code"}
    count = 0
    for cell in new.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        if cell.cell_type != "code":
            continue
        count += 1
        before = saved[cell.id].outputs
        cell.outputs = [tidy(output, count) for output in cell.outputs]
        cell.execution_count = count
        if without_times(before, hide) == without_times(cell.outputs, hide):
            cell.outputs = before
    new.metadata = copy.deepcopy(METADATA)
    nbformat.write(new, path)


def tidy(output: nbformat.NotebookNode, count: int) -> nbformat.NotebookNode:
    """Number a cell's value like its cell."""
    if "execution_count" in output:
        output.execution_count = count
    return output


def time_patterns() -> list[re.Pattern]:
    """The patterns in the sections of tests/sanitize.cfg whose names begin with "time"."""
    sections = re.split(r"(?m)^\[", SANITIZE.read_text(encoding="utf-8"))
    return [
        re.compile(re.search(r"(?m)^regex: (.*)$", section).group(1))
        for section in sections
        if section.startswith("time")
    ]


def without_times(outputs: list, patterns: list[re.Pattern]) -> str:
    """A cell's outputs as one text, with the times taken out."""
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False).replace("\\n", "\n")
    for pattern in patterns:
        text = pattern.sub("TIME", text)
    return text


def write_html(notebook: nbformat.NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    path.write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main()
