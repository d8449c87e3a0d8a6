// SPDX-License-Identifier: Apache-2.0
// Draws docs/state-machine.md from the table that the core steps by.
//   state_diagram FILE          writes it
//   state_diagram --check FILE  fails when FILE differs
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "core/partition_table.h"

namespace {

constexpr std::string_view head =
    "# What an execution in motion goes through\n\n"
    "Drawn from the table in `src/core/partition_table.cc` by `state_diagram`, a program of "
    "`tools/`; "
    "a test\nfails when this page differs from the table. *Motion* is what of an execution happens "
    "in "
    "this process now;\nwhat is stored of it is its stage (see the [glossary](glossary.md)).\n\n"
    "```mermaid\nstateDiagram-v2\n  [*] --> idle\n";

std::string text(std::string_view view) { return std::string(view); }

std::string diagram() {
  std::string out{head};
  for (const auto& row : stele::core::motion_table()) {
    out += "  " + text(motion_name(row.from)) + " --> " + text(motion_name(row.next)) + " : " +
           text(turn_name(row.turn)) + "\n";
  }
  out += "```\n\n| in motion | turn | then | what is done |\n|---|---|---|---|\n";
  for (const auto& row : stele::core::motion_table()) {
    out += "| " + text(motion_name(row.from)) + " | " + text(turn_name(row.turn)) + " | " +
           text(motion_name(row.next)) + " | " + text(row.action) + " |\n";
  }
  return out;
}

std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != 2 && !check) {
    std::fputs("usage: state_diagram [--check] FILE\n", stderr);
    return 2;
  }
  const char* path = argv[argc - 1];
  if (!check) {
    std::ofstream(path, std::ios::binary) << diagram();
    return 0;
  }
  if (contents(path) == diagram()) return 0;
  std::fprintf(stderr, "%s differs from the core's table: run state_diagram %s\n", path, path);
  return 1;
}
