# SPDX-License-Identifier: Apache-2.0
"""One file of the tree: its text, with and without comments and strings; includes and tokens."""
import bisect
import functools
import re
from dataclasses import dataclass

CPP_SUFFIXES = (".cc", ".h", ".cpp", ".hpp", ".c")
HEADER_SUFFIXES = (".h", ".hpp")

_NOISE = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|\bu?8?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)
_DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_TOKEN = re.compile(r'[A-Za-z_]\w*|\d[\w.\']*|::|->|<=>|[<>=!]=|&&|\|\||[^\s\w]')
_NOT_NEWLINE = re.compile(r'[^\n]')


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Include:
    line: int
    path: str
    quoted: bool


@dataclass(frozen=True)
class Token:
    text: str
    offset: int


def _blank(match):
    """As many characters and lines; a string keeps its quotes, so that it stays a token."""
    text = match.group()
    if text.startswith("/"):
        return _NOT_NEWLINE.sub(" ", text)
    return '"' + _NOT_NEWLINE.sub(" ", text[1:-1]) + '"'


class Source:
    """A file by its path relative to the root, with '/' between folders."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.blocks = None  # filled by blocks.find_blocks
        self.name = path.rsplit("/", 1)[-1]
        self.folder = path.rsplit("/", 1)[0] if "/" in path else ""
        self.suffix = "." + self.name.rsplit(".", 1)[-1] if "." in self.name else ""
        self.stem = self.name[:len(self.name) - len(self.suffix)]

    @property
    def is_cpp(self):
        return self.suffix in CPP_SUFFIXES

    @property
    def is_header(self):
        return self.suffix in HEADER_SUFFIXES

    @property
    def is_test(self):
        """Tests and benchmarks: beside the code by their names, or in the folders made for them."""
        words = self.stem.split("_")
        by_name = bool({"test", "bench", "fuzz"}.intersection(words[1:])) or \
            self.suffix == ".rs" and words[0] in ("tests", "test")
        by_folder = self.path.startswith(("tests/", "bench/", "fuzz/")) or "/tests/" in self.path
        return by_name or by_folder

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")

    @functools.cached_property
    def code(self):
        """The text with comments and the insides of strings blanked; offsets stay the same."""
        return _NOISE.sub(_blank, self.text)

    @functools.cached_property
    def plain_code(self):
        """`code` with preprocessor lines blanked too."""
        return _DIRECTIVE.sub(lambda m: _NOT_NEWLINE.sub(" ", m.group()), self.code)

    @functools.cached_property
    def includes(self):
        found = []
        for match in _INCLUDE.finditer(self.text):
            if self.code[match.start():match.end()].lstrip().startswith("#"):
                line = self.line_at(match.end())
                found.append(Include(line, match.group(2), match.group(1) == '"'))
        return found

    @functools.cached_property
    def tokens(self):
        return [Token(m.group(), m.start()) for m in _TOKEN.finditer(self.plain_code)]

    @functools.cached_property
    def raw_string_lines(self):
        """Lines that begin inside a raw string: data, to which no length of lines applies."""
        inside = set()
        for match in _NOISE.finditer(self.text):
            if match.group("mark") is not None:
                first, last = self.line_at(match.start()), self.line_at(match.end())
                inside.update(range(first + 1, last + 1))
        return inside

    @functools.cached_property
    def _line_starts(self):
        return [0] + [m.end() for m in re.finditer("\n", self.text)]

    def line_at(self, offset):
        return bisect.bisect_right(self._line_starts, offset)

    def at(self, offset, rule, message):
        return self.finding(self.line_at(offset), rule, message)

    def finding(self, line, rule, message):
        return Finding(self.path, line, rule, message)
