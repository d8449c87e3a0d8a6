# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import SPDX
from tidy_checks import contract
from tidy_checks.source import Source

HEAD = "| what | how | shown by |\n|---|---|---|\n"
TESTS = frozenset(("golden:hello", "Suite.Test"))


def messages(text, tests=TESTS):
    return [(f.line, f.message) for f in contract.check(text, tests)]


class Rows(unittest.TestCase):
    def test_names_that_exist(self):
        self.assertEqual(messages(HEAD + "| a | b | `golden:hello` |\n"), [])
        self.assertEqual(messages(HEAD + "| a \\| b | c | `golden:hello`, `Suite.Test` |\n"), [])

    def test_names_that_do_not(self):
        text = HEAD + "| a | b | `Suite.Test` |\n| a | b | `Suite.Gone`, `golden:hello` |\n"
        self.assertEqual(messages(text), [(4, "there is no test 'Suite.Gone'")])

    def test_rows_that_show_nothing(self):
        for cell in ("", " ", "later"):
            found = messages(HEAD + f"| a | b | {cell} |\n")
            self.assertEqual(found, [(3, "'a' is shown by no test")], cell)

    def test_words_between_the_names(self):
        found = messages(HEAD + "| a | b | `Suite.Test` and others |\n")
        self.assertEqual([line for line, _ in found], [3])

    def test_cells_that_are_missing(self):
        rows = "| a | `Suite.Test` |", "| a | b | c | `Suite.Test` |", "| a | | `Suite.Test` |"
        for row in rows:
            self.assertEqual([line for line, _ in messages(HEAD + row + "\n")], [3], row)

    def test_other_tables_are_not_rows(self):
        other = "| a | b |\n|---|---|\n| c | d |\n\n"
        self.assertEqual(messages(other + HEAD + "| a | b | `Suite.Test` |\n"), [])
        self.assertEqual(len(messages(other)), 1)
        self.assertEqual(len(messages("")), 1)


class Names(unittest.TestCase):
    def of(self, path, text):
        return contract.tests_of([Source(path, text)], [])

    def test_scenarios(self):
        paths = ["tests/golden/hello.scenario", "tests/golden/golden.cc"]
        self.assertEqual(contract.tests_of([], paths), {"golden:hello"})

    def test_gtest(self):
        text = (SPDX + "TEST(A, B) {}\nTEST_F(C, D) {\n}\n  TEST_P(E,\n         F) {}\n"
                "// TEST(G, H) {}\n")
        self.assertEqual(self.of("src/core/a_test.cc", text), {"A.B", "C.D", "E.F"})
        self.assertEqual(self.of("src/core/a.cc", text), set())

    def test_rust(self):
        text = ("#[test]\nfn a() {}\n#[test]\n#[ignore]\nfn b() {}\nfn c() {}\n"
                "// #[test]\nfn d() {}\n")
        self.assertEqual(self.of("bridge/src/wit/tests.rs", text),
                         {"bridge:wit::tests::a", "bridge:wit::tests::b"})
        self.assertEqual(self.of("bridge/src/values/mod.rs", "#[test]\nfn a() {}\n"),
                         {"bridge:values::a"})

    def test_python(self):
        text = ("class A(Case):\n    def test_a(self):\n        pass\n    def helper(self):\n"
                "        pass\n\n\ndef test_b():\n    pass\n")
        self.assertEqual(self.of("tests/e2e/test_x.py", text), {"e2e:test_x.py::A.test_a"})
        self.assertEqual(self.of("tests/e2e/stele.py", text), set())
        self.assertEqual(self.of("tests/e2e/test_x.py", "class A(:\n"), set())


if __name__ == "__main__":
    unittest.main()
