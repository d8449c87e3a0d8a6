# SPDX-License-Identifier: Apache-2.0
"""Names of files, types, functions and enumerators."""
import re

from tidy_checks.blocks import find_blocks, is_macro

RULES = ("type-name", "function-name", "enumerator-name", "member-name", "file-name", "glossary")
TYPE_WORDS_BANNED = frozenset((
    "Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Base", "Data"))
VERBS_BANNED = frozenset(("process", "do"))
# Here `process` is a noun: the operating system's process.
PROCESS_NOUNS = frozenset(("id", "name", "memory", "exit", "start", "lock", "state"))
# Another word for a thing of docs/glossary.md, and the glossary's word.
SYNONYMS = {
    "shard": "partition", "job": "execution", "invocation": "execution", "activation": "run",
    "joinset": "join_set", "nursery": "join_set", "wakeup": "delay", "changeset": "batch",
    "rootid": "root", "fencing": "epoch",
}
# Names that others prescribe: gRPC's methods, the bridge's C ABI, GoogleTest, libFuzzer.
FOREIGN_NAMES = ("src/api/grpc/", "bridge/", "sdk/", "samples/", "tests/guests/")
FOREIGN_FUNCTIONS = frozenset((
    "LLVMFuzzerTestOneInput", "SetUp", "TearDown", "SetUpTestSuite", "TearDownTestSuite",
    "PrintTo"))
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_SNAKE = re.compile(r"_*[a-z][a-z0-9_]*$")
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*$")
_FILE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*$")


def words(name):
    return _WORD.findall(name)


def check(source):
    blocks = find_blocks(source)
    found = _file(source)
    for kind in blocks.types:
        found += _type(source, kind)
    for function in blocks.functions:
        found += _function(source, function)
    for name, offset in blocks.enumerators:
        if not _SNAKE.match(name) and not source.path.startswith(FOREIGN_NAMES):
            found.append(source.at(offset, "enumerator-name", f"{name}: use snake_case"))
    for name, offset in blocks.members:
        if not name.endswith("_"):
            found.append(source.at(offset, "member-name", f"{name}: private members end in '_'"))
    return found


def _file(source):
    if _FILE.match(source.name):
        return []
    return [source.finding(1, "file-name", f"{source.name}: use snake_case")]


def _type(source, kind):
    line = source.line_at(kind.offset)
    found = []
    banned = TYPE_WORDS_BANNED.intersection(words(kind.name))
    if banned:
        message = f"{kind.name}: '{sorted(banned)[0]}' says nothing"
        found.append(source.finding(line, "type-name", message))
    if not _PASCAL.match(kind.name) and not source.path.startswith(FOREIGN_NAMES):
        found.append(source.finding(line, "type-name", f"{kind.name}: types are PascalCase"))
    return found + _synonyms(source, line, kind.name)


def _function(source, function):
    line = source.line_at(function.first)
    if not function.name or is_macro(function.name):
        return []
    parts = function.name.split("_")
    is_noun = parts[0] == "process" and PROCESS_NOUNS.intersection(parts[1:2])
    if parts[0] in VERBS_BANNED and not is_noun:
        message = f"{function.name}: '{parts[0]}' does not say what is done"
        return [source.finding(line, "function-name", message)]
    foreign = source.path.startswith(FOREIGN_NAMES) or function.name in FOREIGN_FUNCTIONS
    if not _SNAKE.match(function.name) and not foreign and function.name.upper() != function.name:
        return [source.finding(line, "function-name", f"{function.name}: use snake_case")]
    return _synonyms(source, line, function.name)


def _synonyms(source, line, name):
    if not source.path.startswith(("src/", "sim/")):
        return []
    message = "{}: the glossary says '{}' for '{}'"
    return [source.finding(line, "glossary", message.format(name, SYNONYMS[word], word))
            for word in (w.lower() for w in words(name)) if word in SYNONYMS]
