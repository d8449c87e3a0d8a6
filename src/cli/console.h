// SPDX-License-Identifier: Apache-2.0
// Owns: what commands write: results to one stream, errors and notices to another, colours only
// where
//   a person reads. Life cycle: one per run of the program. Thread: its caller's.
// Must hold: what a script reads (stdout) holds results only.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/exit_code.h"

namespace stele::cli {

enum class Colour : std::uint8_t { plain, bold, dim, red, green, yellow, blue };

class Console {
 public:
  struct Streams {
    std::ostream& out;
    std::ostream& err;
    bool out_colours = false;
    bool err_colours = false;
  };
  explicit Console(Streams streams) : streams_(streams) {}

  void line(std::string_view text) const;
  void notice(std::string_view text) const;
  void flush() const;
  /// Writes the error and gives the exit code that belongs to it.
  int fail(const Error& error) const;
  std::string paint(Colour colour, std::string_view text) const;

 private:
  Streams streams_;
};

/// Columns aligned by spaces; the last one is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(const Console& console) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Characters, not bytes.
std::size_t width_of(std::string_view text);

}  // namespace stele::cli
