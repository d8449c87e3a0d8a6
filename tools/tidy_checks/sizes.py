# SPDX-License-Identifier: Apache-2.0
"""Limits on functions, files and lines."""
from tidy_checks.blocks import find_blocks, is_macro

RULES = ("function-lines", "function-parameters", "function-nesting", "file-lines", "line-length",
         "braces")
FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 5
NESTING_MAX = 3
SOURCE_LINES_MAX = 500
HEADER_LINES_MAX = 250
TEST_LINES_MAX = 800
LINE_MAX = 100


def check_functions(source):
    blocks = find_blocks(source)
    if not blocks.balanced:
        message = "its brackets cannot be followed; are the parts of an #if uneven?"
        return [source.finding(1, "braces", message)]
    found = []
    for function in blocks.functions:
        first, last = source.line_at(function.first), source.line_at(function.last)
        name = function.name or "this function"
        count = sum(line not in source.raw_string_lines for line in range(first, last + 1))
        if count > FUNCTION_LINES_MAX:
            message = f"{name} has {count} lines; {FUNCTION_LINES_MAX} are allowed"
            found.append(source.finding(first, "function-lines", message))
        if function.parameters > PARAMETERS_MAX and not is_macro(function.name):
            message = f"{name} has {function.parameters} parameters; at most {PARAMETERS_MAX}"
            found.append(source.finding(first, "function-parameters", message))
        found += _nesting(source, function, name)
    return found


def _nesting(source, function, name):
    deep = [offset for depth, offset in function.nesting if depth > NESTING_MAX]
    if not deep:
        return []
    return [source.finding(source.line_at(deep[0]), "function-nesting",
                           f"{name} nests deeper than {NESTING_MAX}")]


def lines_max(source):
    if source.is_test:
        return TEST_LINES_MAX
    return HEADER_LINES_MAX if source.is_header else SOURCE_LINES_MAX


def check_file(source):
    found = []
    count = source.text.count("\n") + (not source.text.endswith("\n"))
    if count > lines_max(source):
        message = f"{count} lines; {lines_max(source)} are allowed"
        found.append(source.finding(1, "file-lines", message))
    for number, line in enumerate(source.lines, 1):
        if len(line) > LINE_MAX and number not in source.raw_string_lines:
            found.append(source.finding(number, "line-length",
                                        f"{len(line)} columns; {LINE_MAX} are allowed"))
    return found
