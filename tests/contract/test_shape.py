"""The shape of the code is a law too: short files, short functions."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILES = [p for d in ("apps", "awx_lite") for p in (ROOT / d).rglob("*.py") if "migrations" not in p.parts]
MAX_FILE, MAX_FUNCTION = 400, 50


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_short(path):
    source = path.read_text()
    assert source.count("\n") <= MAX_FILE
    nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [n.name for n in nodes if n.end_lineno - n.lineno >= MAX_FUNCTION] == []
