"""The reasons that the code can give for a refusal, read from its source: each has to be in a row of the page."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAST = 5  # Shorter pieces of a sentence say nothing.


def sentences(path, *callables):
    """Yield the sentences that a module gives to these callables, each as its literal pieces.

    A name stands for what the module assigns to it.
    """
    tree = ast.parse((ROOT / path).read_text())
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in callables:
            for argument in node.args:
                yield _pieces(assigned.get(getattr(argument, "id", ""), argument))


def returned(path, *functions):
    """Yield the sentences that functions of a module return, alone or behind a code."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and each.value is not None:
                    yield _pieces(each.value.elts[-1] if isinstance(each.value, ast.Tuple) else each.value)


def codes(path, *functions):
    """Return the codes of rejected readings that functions of a module return beside a reason."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            pairs = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            found |= {pair.elts[0].value for pair in pairs if isinstance(pair, ast.Tuple)}
    return found


def _pieces(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [each.value for each in node.values if isinstance(each, ast.Constant)]
    return []


def is_quoted(pieces, quotes):
    """Tell whether some quote has a piece of a sentence, or is in one."""
    long = [piece.strip() for piece in pieces if len(piece.strip()) >= LEAST]
    told = [re.sub(r"^\d{3} ", "", quote) for quote in quotes]
    return not long or any(piece in quote or quote in piece for piece in long for quote in told)
