# SPDX-License-Identifier: Apache-2.0
"""docs/contract.md: each row of a table with a last column `shown by` names tests that exist."""
import ast
import re

from tidy_checks.source import Finding

RULES = ("contract-rows",)
PATH = "docs/contract.md"
COLUMN = "shown by"
GOLDEN = re.compile(r"tests/golden/([^/]+)\.scenario$")
_GTEST = re.compile(r"^[ \t]*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
_RUST = re.compile(r"^[ \t]*#\[test\]\s*(?:(?:#\[[^\n]*\]|//[^\n]*)\s*)*fn (\w+)", re.MULTILINE)
_NAME = re.compile(r"`([^`]*)`")
_SEPARATOR = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*$")
_BAR = re.compile(r"(?<!\\)\|")


def tests_of(sources, paths):
    """The names of all tests, as the table writes them. `paths`: every file, code or not."""
    names = {"golden:" + m.group(1) for m in map(GOLDEN.match, paths) if m}
    for source in sources:
        if source.suffix == ".cc" and source.stem.endswith("_test"):
            names.update(f"{suite}.{test}" for suite, test in _GTEST.findall(source.code))
        elif source.suffix == ".rs" and source.path.startswith("bridge/src/"):
            module = source.path[len("bridge/src/"):-len(".rs")].replace("/", "::")
            module = module.removesuffix("::mod")
            names.update(f"bridge:{module}::{test}" for test in _RUST.findall(source.text))
        elif source.folder == "tests/e2e" and source.name.startswith("test_"):
            names.update(_python_tests(source))
    return names


def _python_tests(source):
    try:
        tree = ast.parse(source.text)
    except SyntaxError:
        return set()
    return {f"e2e:{source.name}::{kind.name}.{function.name}"
            for kind in tree.body if isinstance(kind, ast.ClassDef)
            for function in kind.body if isinstance(function, ast.FunctionDef)
            if function.name.startswith("test")}


def check(text, tests):
    """The findings in the text of docs/contract.md, where `tests` are the names that exist."""
    found, seen = [], 0
    for number, cells in _rows(text.split("\n")):
        seen += 1
        found += [Finding(PATH, number, RULES[0], message) for message in _row(cells, tests)]
    if seen == 0:
        found.append(Finding(PATH, 1, RULES[0], f"no table with a last column '{COLUMN}'"))
    return found


def _rows(lines):
    """Line number and cells of each row of the tables whose last column is `shown by`."""
    width = None  # of the table that the line is in, if it counts
    for number, line in enumerate(lines, 1):
        if not line.startswith("|"):
            width = None
        elif number < len(lines) and _SEPARATOR.match(lines[number]):
            heads = _cells(line)
            width = len(heads) if heads[-1] == COLUMN else None
        elif width is not None and not _SEPARATOR.match(line):
            cells = _cells(line)
            yield number, cells if len(cells) == width else None


def _cells(line):
    return [cell.strip() for cell in _BAR.split(line.strip())[1:-1]]


def _row(cells, tests):
    if cells is None:
        return [r"another number of cells than the table's head; write \| for a bar within one"]
    if any(not cell for cell in cells[:-1]):
        return ["an empty cell"]
    names = _NAME.findall(cells[-1])
    if not names:
        return [f"'{cells[0]}' is shown by no test"]
    rest = _NAME.sub("", cells[-1]).replace(",", "").strip()
    if rest:
        return [f"'{rest}': write only names of tests in backticks, with commas between"]
    return [f"there is no test '{name}'" for name in names if name not in tests]
