# SPDX-License-Identifier: Apache-2.0
"""Finds functions, types, enumerators and control statements of a C++ file by following its braces.

This is no parser: it knows just enough of the language to say what each `{` opens.
"""
from dataclasses import dataclass, field

CONTROL = frozenset(("if", "for", "while", "switch", "catch"))
CONTROL_BARE = frozenset(("else", "do", "try"))
CLASS_WORDS = frozenset(("class", "struct", "union"))
DECLARED = frozenset(("namespace", "class", "top"))
NOT_A_NAME = frozenset(("alignas", "decltype", "noexcept", "explicit", "requires", "__attribute__"))
PAIRS = {"(": ")", "[": "]", "{": "}"}
BEFORE_LAMBDA = frozenset(("return", "co_return", "co_yield", "throw", "else", "case"))
NO_MEMBER = frozenset(("using", "friend", "typedef", "static", "constexpr", "enum", "class",
                       "struct", "union", "template", "operator"))
ACCESS = frozenset(("public", "private", "protected"))
NO_RETURN_TYPE = frozenset(("explicit", "constexpr", "inline", "virtual", "static", "consteval",
                            "public", "private", "protected", ":"))
# What may stand between a lambda's `]` and its `{`, apart from words and bracket groups.
LAMBDA_TAIL = frozenset(("::", "<", ">", "*", "&", "->", ",", "&&"))


@dataclass
class Function:
    name: str
    first: int  # offset of the first token of its declaration
    last: int = 0  # offset of its closing brace
    parameters: int = 0
    nesting: list = field(default_factory=list)  # (depth, offset) of each control statement


@dataclass
class TypeName:
    kind: str
    name: str
    offset: int


@dataclass
class Block:
    kind: str  # top, namespace, class, enum, function, lambda, control, plain, init
    function: Function = None
    depth: int = 0  # control statements around the code in this block
    keyword: str = ""  # class, struct or union
    public: bool = False  # what follows in a class (protected, too)


@dataclass
class Blocks:
    functions: list
    types: list
    enumerators: list  # (name, offset)
    members: list  # (name, offset) of each variable of a `class` that is not public
    balanced: bool


class Walker:
    def __init__(self, source):
        self.tokens = source.tokens
        self.texts = [t.text for t in source.tokens]
        self.match = self._match_brackets()
        self.depth_after = {}  # index of a control statement's `)` -> its depth
        self.found = Blocks([], [], [], [], self.match is not None)

    def _match_brackets(self):
        match, stack = {}, []
        for index, text in enumerate(self.texts):
            if text in PAIRS:
                stack.append(index)
            elif text in (")", "]", "}"):
                if not stack or PAIRS[self.texts[stack[-1]]] != text:
                    return None
                match[index] = stack.pop()
                match[match[index]] = index
        return None if stack else match

    def walk(self):
        if self.match is None:
            return self.found
        blocks, starts = [Block("top")], [0]
        for index, text in enumerate(self.texts):
            top = blocks[-1]
            if text == "{":
                blocks.append(self._open(top, starts[-1], index))
                starts.append(index + 1)
            elif text in ("(", "["):
                blocks.append(Block("group", top.function, top.depth))
                starts.append(index + 1)
            elif text in (")", "]", "}"):
                self._close(blocks.pop(), starts, index)
            elif self._is_label(index):
                top.public = self.texts[index - 1] != "private"
                starts[-1] = index + 1
            elif text == ";":
                if top.keyword == "class" and not top.public:
                    self._member(starts[-1], index)
                starts[-1] = index + 1
            elif text in CONTROL and top.function is not None:
                self._control(top, index)
        return self.found

    def _close(self, block, starts, index):
        starts.pop()
        if block.kind == "function":
            block.function.last = self.tokens[index].offset
            self.found.functions.append(block.function)
        if block.kind not in ("group", "init", "lambda"):
            starts[-1] = index + 1

    def _member(self, start, end):
        """Records the variable that the declaration of these tokens names, if it names one."""
        if start == end or NO_MEMBER.intersection(self.texts[start:end]):
            return
        angle = 0
        for i in range(start, end + 1):
            text = self.texts[i]
            angle += {"<": 1, ">": -1}.get(text, 0)
            if angle <= 0 and text in ("(", ":"):
                return
            if angle <= 0 and text in ("=", "{", "[", ";"):
                self.found.members.append((self.texts[i - 1], self.tokens[i - 1].offset))
                return

    def _is_label(self, index):
        return self.texts[index] == ":" and self.texts[index - 1] in ACCESS

    def _control(self, top, index):
        """Records a control statement; one that is another's body without braces lies deeper."""
        if self.texts[index + 1] not in ("(", "constexpr"):
            return
        if self.texts[index] == "while" and self._closes_do(index):
            return
        depth = self.depth_after.get(index - 1, top.depth) + 1
        opening = index + 1 if self.texts[index + 1] == "(" else index + 2
        self.depth_after[self.match[opening]] = depth
        top.function.nesting.append((depth, self.tokens[index].offset))

    def _closes_do(self, index):
        if self.texts[index - 1] != "}":
            return False
        return self.texts[self.match[index - 1] - 1] == "do"

    def _open(self, top, start, index):
        before = self.texts[index - 1] if index else ""
        if before in CONTROL_BARE and top.function is not None:
            return Block("control", top.function, top.depth + 1)
        if before == ")" and index - 1 in self.depth_after:
            return Block("control", top.function, self.depth_after[index - 1])
        if self._is_lambda(index):
            # Its statements are recorded with the function around it, but nesting starts anew.
            return Block("lambda", top.function, 0)
        segment = list(range(start, index))
        if top.kind in DECLARED:
            return self._open_declaration(segment)
        return self._open_statement(top, segment)

    def _open_statement(self, top, segment):
        words = [self.texts[i] for i in segment]
        if not segment or words[-1] == ":":
            return Block("plain", top.function, top.depth)
        if words[0] in CLASS_WORDS or words[0] == "enum":
            return self._open_declaration(segment)
        return Block("init", top.function, top.depth)

    def _open_declaration(self, segment):
        segment = self._without_template(segment)
        words = [self.texts[i] for i in segment]
        if not words:
            return Block("plain")
        if "namespace" in words or words[0] == "extern" and words[-1] == '"':
            return Block("namespace")
        if words[0] == "enum" or "enum" in words[:2]:
            return self._open_enum(segment)
        keyword = next((k for k, w in enumerate(words[:4]) if w in CLASS_WORDS), None)
        if keyword is not None and not self._calls(segment, words):
            return self._open_class(segment, keyword)
        return self._open_function(segment, words)

    def _add_type(self, kind, index):
        self.found.types.append(TypeName(kind, self.texts[index], self.tokens[index].offset))

    def _open_enum(self, segment):
        brace = segment[-1] + 1
        names = [i for i in segment if self.texts[i][0].isalpha()
                 and self.texts[i] not in ("enum", "class", "struct", "typedef")]
        if names:
            self._add_type("enum", names[0])
        expects, i = True, brace + 1
        while i < self.match[brace]:
            text = self.texts[i]
            if text in PAIRS:
                i = self.match[i]
            elif expects and (text[0].isalpha() or text[0] == "_"):
                self.found.enumerators.append((text, self.tokens[i].offset))
                expects = False
            elif text == ",":
                expects = True
            i += 1
        return Block("enum")

    def _open_class(self, segment, keyword):
        rest = self._without_attributes(segment[keyword + 1:])
        if len(rest) > 1 and _is_word(self.texts[rest[1]]) and self.texts[rest[1]] != "final":
            return Block("init")  # a variable: struct stat info {};
        if rest and self.texts[rest[0]][0].isalpha():
            specialised = len(rest) > 1 and self.texts[rest[1]] in ("<", "::")
            if not specialised:
                self._add_type(self.texts[segment[keyword]], rest[0])
        return Block("class", keyword=self.texts[segment[keyword]])

    def _without_attributes(self, indexes):
        while len(indexes) > 1:
            if self.texts[indexes[0]] == "[":
                skip = self.match[indexes[0]]
            elif self.texts[indexes[0]] in ("alignas", "__attribute__"):
                skip = self.match[indexes[1]]
            elif self.texts[indexes[1]] == "(" and is_macro(self.texts[indexes[0]]):
                skip = self.match[indexes[1]]
            else:
                break
            indexes = [i for i in indexes if i > skip]
        return indexes

    def _calls(self, segment, words):
        """Whether a declaration that begins with class or struct is a function's all the same."""
        for i, word in zip(segment, words):
            before = self.texts[i - 1]
            if word == "(" and before not in NOT_A_NAME and not is_macro(before):
                return True
        return False

    def _open_function(self, segment, words):
        opening = self._parameter_list(segment)
        if opening is None:
            return Block("init")
        if self._is_member_initialiser(segment, opening):
            return Block("init")
        function = Function(self._name(segment, opening), self.tokens[segment[0]].offset,
                            parameters=self._count(opening))
        return Block("function", function, 0)

    def _name(self, segment, opening):
        """Empty for what has no name of its own: constructors, destructors and operators."""
        at = opening - 1
        if "operator" in self.texts[max(segment[0], opening - 4):opening]:
            return ""
        before = self.texts[at - 1] if at > segment[0] else ""
        if before == "~" or before == "::" and self.texts[at - 2] in (self.texts[at], ">"):
            return ""
        returns = [i for i in segment if i < at and self.texts[i] not in NO_RETURN_TYPE]
        return self.texts[at] if returns or is_macro(self.texts[at]) else ""

    def _parameter_list(self, segment):
        """The `(` of the parameters: the first group after a name; none in a variable."""
        i, angle = segment[0], 0
        while i <= segment[-1]:
            text, before = self.texts[i], self.texts[i - 1] if i else ""
            of_operator = "operator" in self.texts[max(segment[0], i - 2):i]
            if text == "=" and not of_operator and angle == 0:
                return None
            if text == "<" and not of_operator:
                angle += 1
            elif text == ">" and not of_operator:
                angle -= 1
            elif text == "(" and angle <= 0 and before not in NOT_A_NAME | {"operator"}:
                return i
            elif text in PAIRS:
                i = self.match[i]
            i += 1
        return None

    def _is_member_initialiser(self, segment, opening):
        """In `A(int x) : x_{x}, y_(1) {` the first brace belongs to x_, the last is the body."""
        after = [i for i in segment if i > self.match[opening]]
        if not any(self.texts[i] == ":" for i in after):
            return False
        last = self.texts[segment[-1]]
        return last[0].isalpha() or last[0] == "_" or last == ">"

    def _count(self, opening):
        closing = self.match[opening]
        if closing == opening + 1 or self.texts[opening + 1:closing] == ["void"]:
            return 0
        count, angle, i = 1, 0, opening + 1
        while i < closing:
            text = self.texts[i]
            if text in PAIRS:
                i = self.match[i]
            elif text == "<":
                angle += 1
            elif text == ">":
                angle -= 1
            elif text == "," and angle <= 0:
                count += 1
            i += 1
        return count

    def _without_template(self, segment):
        while segment and self.texts[segment[0]] == "template":
            angle, i = 0, segment[0] + 1
            while i <= segment[-1]:
                angle += {"<": 1, ">": -1}.get(self.texts[i], 0)
                i += 1
                if angle == 0:
                    break
            segment = [k for k in segment if k >= i]
        return segment

    def _is_lambda(self, index):
        i = index - 1
        while i > 0:
            text = self.texts[i]
            if text == "]":
                before = self.texts[self.match[i] - 1] if self.match[i] else ""
                inner = self.texts[i - 1]
                if before == "[" or inner == "]":
                    return False  # an attribute
                if before in BEFORE_LAMBDA:
                    return True
                # Otherwise a subscript, an array or operator[].
                return not before or not (_is_word(before) or before in (")", "]", ">"))
            if text == ")":
                i = self.match[i] - 1
            elif _is_word(text) or text in LAMBDA_TAIL:
                if text in BEFORE_LAMBDA:
                    return False
                i -= 1
            else:
                return False
        return False


def is_macro(name):
    return len(name) > 2 and name.isupper()


def _is_word(text):
    return text[0].isalnum() or text[0] == "_"


def find_blocks(source):
    if source.blocks is None:
        source.blocks = Walker(source).walk()
    return source.blocks
