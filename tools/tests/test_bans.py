# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import cpp


class Pure(unittest.TestCase):
    def check(self, text, expected, path="src/core/a.cc"):
        self.assertEqual(cpp(text + "\n", "pure", path), expected, text)

    def test_headers(self):
        for header in ("random", "thread", "mutex", "atomic", "chrono", "fstream", "filesystem",
                       "unordered_map", "sys/socket.h", "unistd.h", "ctime"):
            self.check(f"#include <{header}>", [1])
            self.check(f"#include <{header}>", [1], "src/journal/a.h")
        for header in ("map", "vector", "string", "expected", "algorithm"):
            self.check(f"#include <{header}>", [])

    def test_words(self):
        for text in ("double x = 1;", "float y;", "auto t = std::chrono::steady_clock::now();",
                     'getenv("A");', "std::unordered_set<int> s;", "thread_local int x;"):
            self.check(text, [1])

    def test_words_in_comments_strings_and_longer_names_are_fine(self):
        self.check('// double\nauto a = "float"; int doubled = 1; int float_type = 2;', [])

    def test_pointer_ordered_keys(self):
        self.check("std::map<const Node*, int> a;", [1])
        self.check("std::set<Node *> a;", [1])
        self.check("std::map<int, Node*> a; std::vector<Node*> b;", [])

    def test_statics_that_change(self):
        self.check("static int count = 0;", [1])
        self.check("static std::vector<int> seen;", [1])
        self.check("static constexpr int count = 0;", [])
        self.check("static const Table table{1};", [])
        self.check("static int count_of(const A& a) { return 1; }", [])
        self.check("static_assert(1 == 1);", [])

    def test_only_core_and_journal(self):
        self.check("double x = 1;", [], "src/runtime/a.cc")
        self.check("double x = 1;", [], "src/core/a_test.cc")


class Threads(unittest.TestCase):
    def check(self, path, expected):
        for header in ("thread", "mutex", "condition_variable", "atomic"):
            self.assertEqual(cpp(f"#include <{header}>\n", "thread-header", path), expected, path)

    def test_homes(self):
        for path in ("src/base/sync.h", "src/telemetry/log.cc", "src/runtime/threads/pool.cc",
                     "src/store/sqlite/a_test.cc", "tests/e2e/a.cc", "bench/a.cc"):
            self.check(path, [])

    def test_elsewhere(self):
        for path in ("src/base/a.h", "src/runtime/a.cc", "src/store/sqlite/a.cc", "sim/a.cc"):
            self.check(path, [1])


class Others(unittest.TestCase):
    def test_chrono_only_where_clocks_are(self):
        self.assertEqual(cpp("#include <chrono>\n", "chrono"), [1])
        self.assertEqual(cpp("#include <chrono>\n", "chrono", "src/base/time.h"), [])
        self.assertEqual(cpp("#include <chrono>\n", "chrono", "src/runtime/threads/a.cc"), [])
        self.assertEqual(cpp("#include <chrono>\n", "chrono", "src/runtime/a_test.cc"), [])

    def test_using_namespace(self):
        self.assertEqual(cpp("using namespace std;\nusing std::string;\n", "using-namespace"), [1])
        self.assertEqual(cpp("using  namespace a;\n", "using-namespace", "tests/a.cc"), [1])

    def test_throw(self):
        self.assertEqual(cpp("void f() {\n  throw 1;\n}\n// throw\n", "throw"), [2])
        self.assertEqual(cpp("void f() {\n  throw 1;\n}\n", "throw", "tests/a.cc"), [])

    def test_sleep(self):
        text = "std::this_thread::sleep_for(1s);\n::sleep(1);\nworld.sleep(24h);\n"
        text += "wait(sleep_for(0, clock));\n"
        self.assertEqual(cpp(text, "sleep", "src/core/a_test.cc"), [1, 2])
        self.assertEqual(cpp(text, "sleep", "sim/a.cc"), [1, 2])
        self.assertEqual(cpp(text, "sleep", "src/runtime/threads/a.cc"), [])
        self.assertEqual(cpp(text, "sleep", "bench/a.cc"), [])

    def test_try_after_another_part_of_an_initialiser(self):
        for text in ("A a{.b = b(), .c = TRY(c())};", "return {b(), TRY(c())};",
                     "v.push_back({b(), TRY(c())});", "A a{b, f(d, TRY(c()))};",
                     "A a{b(), {.c = TRY(c())}};", "auto f = [b = b(), c = TRY(c())] { d(); };",
                     "A a{\n.b = b()\n, .c =\nTRY(c())};"):
            line = 2 + text[:text.index("TRY")].count("\n")
            self.assertEqual(cpp("R f() {\n" + text + "\n}\n", "try-in-braces"), [line], text)

    def test_try_elsewhere(self):
        for text in ("A a{.b = TRY(b()), .c = c()};", "f(b(), TRY(c()));", "TRY(f({b(), c()}));",
                     "A a{b(), c()}; TRY(d());", "for (B b : {c(), d()}) TRY(f(b));",
                     "A a{b, [] { TRY(c()); return d; }};", "int a, b; TRY(c());",
                     "if (a) { int b, c; TRY(d()); }", "// {a, TRY(b())}"):
            self.assertEqual(cpp("R f() {\n" + text + "\n}\n", "try-in-braces"), [], text)


if __name__ == "__main__":
    unittest.main()
