"""Docstrings, comments and documentation name only files and modules that exist."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from tests.imports import APPS

ROOT = Path(__file__).parent.parent
PATH = re.compile(r"(?<![\w/.:*<>{}-])[\w./-]*\w\.(?:py|js|html|css|md|sh|conf|toml|po)\b(?!\()")
# These exclude names of files, such as readings.csv, and of permissions, such as stations.view_key.
DOTTED = re.compile(
    rf"(?<![\w/.@-])(?:{'|'.join((*APPS, 'tests', 'benchmarks'))})"
    r"(?!\.(?:csv|json|xlsx|md|sqlite3|example|service|timer)\b|\.(?:add|change|delete|view)_)(?:\.[A-Za-z_]\w*)+(?![\w/-])"
)
SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)
# Files of MicroPython, nginx and WeeWX, a placeholder, and a file that a reader writes.
ELSEWHERE = {"_boot.py", "flashbdev.py", "makeimg.py", "mistakes.toml", "name.py", "nginx.conf", "weewx.conf"}

pytestmark = pytest.mark.sqlite_only


def listed(*patterns):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def files():
    """Every file by its whole path and by each end of its path: a neighbour is named without its folder."""
    parts = (Path(name).parts for name in listed())
    return {"/".join(each[at:]) for each in parts for at in range(len(each))}


def prose_of_python(text):
    """Yield the comments and docstrings of a module."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""


def prose(name):
    text = (ROOT / name).read_text()
    if name.endswith(".py"):
        return "\n".join(prose_of_python(text))
    return "\n".join(SCRIPT_COMMENT.findall(text)) if name.endswith((".js", ".css")) else text


def is_there(path, files):
    return re.sub(r"^(?:\.\.?/)+", "", path) in files


def is_defined(dotted):
    """Tell whether a dotted name is a module, or a name in its module."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        if module.exists():
            return length == len(parts) or re.search(rf"\b{parts[length]}\b", module.read_text()) is not None
    return False


def missing_names(name, files):
    """Return the files and modules that a file names but that do not exist."""
    text = prose(name)
    paths = {path for path in PATH.findall(text) if Path(path).name not in ELSEWHERE and not is_there(path, files)}
    return paths | {dotted for dotted in DOTTED.findall(text) if not is_defined(dotted)}


def test_what_is_named_exists(files):
    named = listed("*.py", "*.js", "*.css", "docs/*.md", "README.md", "CONTRIBUTING.md", "SECURITY.md")
    assert len(named) > 500
    assert {name: missing for name in named if (missing := missing_names(name, files))} == {}


def test_the_search_finds_what_is_not_there(files):
    text = "As no_such_file.py, docs/gone.md and readings.models.Reeding say; but readings/models/boot.py is there."
    assert {path for path in PATH.findall(text) if not is_there(path, files)} == {"no_such_file.py", "docs/gone.md"}
    assert [dotted for dotted in DOTTED.findall(text) if not is_defined(dotted)] == ["readings.models.Reeding"]
