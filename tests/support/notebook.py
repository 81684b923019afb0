"""The notebook of the documentation, run as Jupyter would: `python -m tests.support.notebook` writes what its cells
print into it anew. The talk in it is put together from this project's own clips, so what it prints is about nobody.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "from_python.ipynb"


@contextlib.contextmanager
def without_models() -> Iterator[None]:
    """The figures are those of a computer on which none is installed."""
    before = os.environ.get("FACILITATOR_MODELS")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["FACILITATOR_MODELS"] = empty
        try:
            yield
        finally:
            del os.environ["FACILITATOR_MODELS"]
            if before is not None:
                os.environ["FACILITATOR_MODELS"] = before


def code_cells() -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def shown(cell: dict[str, Any]) -> str:
    """What stands below a cell."""
    return "".join(
        "".join(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])
        for output in cell["outputs"]
    )


def run(cells: list[dict[str, Any]]) -> tuple[list[list[dict[str, Any]]], dict[str, Any]]:
    """The outputs of each cell, and the names that are there at the end."""
    names: dict[str, Any] = {}
    outputs = [_outputs("".join(cell["source"]), f"{NOTEBOOK.name}:{cell['id']}", names) for cell in cells]
    return outputs, names


def _outputs(source: str, place: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    tree, value, printed = ast.parse(source), None, io.StringIO()
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, place, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), place, "eval"), names)
    found: list[dict[str, Any]] = []
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        found.append({"name": "stdout", "output_type": "stream", "text": lines})
    if value is not None:
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        found.append({"data": data, "execution_count": None, "metadata": {}, "output_type": "execute_result"})
    return found


def main() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with without_models():
        outputs, _ = run(cells)
    for cell, found in zip(cells, outputs, strict=True):
        cell["outputs"] = found
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
