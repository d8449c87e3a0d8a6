# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import SPDX, cpp, findings, lines


def function(count, head="void f()"):
    """A function of `count` lines."""
    return head + " {\n" + "  g();\n" * (count - 2) + "}\n"


class FunctionLines(unittest.TestCase):
    def test_seventy_are_allowed(self):
        self.assertEqual(cpp(function(70), "function-lines"), [])
        self.assertEqual(cpp(function(71), "function-lines"), [1])

    def test_a_method_within_namespace_and_class(self):
        head = "namespace stele {\nclass A final : public B {\n public:\n"
        text = head + function(71) + "};\n}\n"
        self.assertEqual(cpp(text, "function-lines"), [4])

    def test_namespaces_classes_enums_and_initialisers_are_no_functions(self):
        for head in ("namespace a::b", "class A", "struct A : B<int(int)>", "enum class A : int",
                     "constexpr std::array rows", "const Row rows[] =", 'extern "C"',
                     "std::function<void(int)> f"):
            text = head + " {\n" + "\n" * 80 + "};\n"
            self.assertEqual(cpp(text, "function-lines"), [], head)

    def test_constructor_with_initialiser_list(self):
        text = "A::A(int x)\n    : x_{x}, y_(1), z_{2} {\n" + "  g();\n" * 70 + "}\n"
        self.assertEqual(cpp(text, "function-lines"), [1])

    def test_test_macro_counts_as_a_function(self):
        text = function(71, "TEST(A, b)")
        self.assertEqual(cpp(text, "function-lines", "src/core/a_test.cc"), [1])

    def test_braces_in_strings_comments_and_macros_do_not_count(self):
        text = ('#define OPEN {\nvoid f() {\n  // {\n  g("{", \'{\', R"(\n{)"); /* { */\n}\n'
                "int x = 1'000;\n" + function(71, "void h()"))
        self.assertEqual(cpp(text, "function-lines"), [8])

    def test_uneven_braces_are_reported(self):
        self.assertEqual(cpp("void f() {\n", "braces"), [0])


class FunctionParameters(unittest.TestCase):
    def test_five_are_allowed(self):
        self.assertEqual(cpp("void f(A a, B b, C c, D d, E e) {}\n", "function-parameters"), [])
        text = "void f(A a, B b, C c, D d, E e, F f) {}\n"
        self.assertEqual(cpp(text, "function-parameters"), [1])

    def test_commas_of_types_and_defaults_do_not_count(self):
        text = ("void f(std::map<A, B> a, std::function<void(A, B, C)> b,"
                " std::array<int, 3> c = {1, 2}, int d = g(1, 2), int e = 1) {}\n")
        self.assertEqual(cpp(text, "function-parameters"), [])

    def test_constructor_and_template(self):
        text = "struct A {\n  A(int a, int b, int c, int d, int e, int f) : a_{a} {}\n};\n"
        self.assertEqual(cpp(text, "function-parameters"), [2])
        self.assertEqual(cpp("template <class A, class B, class C, class D, class E, class F>\n"
                             "void f(A a) {}\n", "function-parameters"), [])


class FunctionNesting(unittest.TestCase):
    def nested(self, depth, inner="g();"):
        return "void f() {\n" + "if (a) {\n" * depth + inner + "\n" + "}\n" * depth + "}\n"

    def test_three_are_allowed(self):
        self.assertEqual(cpp(self.nested(3), "function-nesting"), [])
        self.assertEqual(cpp(self.nested(4), "function-nesting"), [5])

    def test_statements_without_braces_count(self):
        self.assertEqual(cpp(self.nested(3, "if (b) g();"), "function-nesting"), [5])
        text = "void f() {\n  for (;;)\n    for (;;)\n      for (;;)\n        if (a) g();\n}\n"
        self.assertEqual(cpp(text, "function-nesting"), [5])

    def test_siblings_and_else_if_do_not_nest(self):
        text = "void f() {\n" + "if (a) {\n} else if (b) {\n} else {\n}\n" * 5 + "}\n"
        self.assertEqual(cpp(text, "function-nesting"), [])

    def test_do_while_counts_once(self):
        text = "void f() {\n  if (a) {\n    if (b) {\n      do {\n  g();\n  } while (c);\n}}}\n"
        self.assertEqual(cpp(text, "function-nesting"), [])

    def test_a_lambda_starts_anew(self):
        text = self.nested(3, "h([&](int x) -> A<int, int> { if (x) { if (y) g(); } return z; });")
        self.assertEqual(cpp(text, "function-nesting"), [])
        text = "void f() {\n  h([&] { if (a) { if (b) { if (c) { if (d) g(); } } } });\n}\n"
        self.assertEqual(cpp(text, "function-nesting"), [2])

    def test_plain_blocks_and_initialisers_do_not_count(self):
        text = self.nested(3, "{ { g(A{{1, 2}}); } } a[i] = {1}; auto b = B{.c = {1}};")
        self.assertEqual(cpp(text, "function-nesting"), [])


class Files(unittest.TestCase):
    def test_lines_of_files(self):
        for path, most in (("src/core/a.cc", 500), ("src/core/a.h", 250), ("tools/a.py", 500),
                           ("src/core/a_test.cc", 800), ("bridge/src/a.rs", 500),
                           ("bridge/tests/a.rs", 800),
                           ("tests/e2e/a.cc", 800), ("bridge/src/tests.rs", 800)):
            text = SPDX + "\n" * (most - 1)
            self.assertEqual(lines({path: text}, "file-lines"), [], path)
            self.assertEqual(lines({path: text + "\n"}, "file-lines"), [1], path)

    def test_length_of_lines(self):
        for path in ("src/core/a.cc", "bridge/src/a.rs", "proto/a.proto"):
            self.assertEqual(lines({path: SPDX + "é" * 100}, "line-length"), [])
            self.assertEqual(lines({path: SPDX + "x" * 101}, "line-length"), [2])

    def test_raw_strings_are_data(self):
        text = SPDX + 'auto a = R"(\n' + "x" * 120 + '\n)";\n' + "y" * 120 + "\n"
        self.assertEqual(lines({"src/core/a.cc": text}, "line-length"), [5])
        text = 'void f() {\n  g(R"(' + "\n" * 80 + ')");\n}\n'
        self.assertEqual(cpp(text, "function-lines"), [])

    def test_message(self):
        self.assertEqual([str(f) for f in findings({"a.rs": SPDX + "x" * 101})],
                         ["a.rs:2: line-length: 101 columns; 100 are allowed"])


if __name__ == "__main__":
    unittest.main()
