// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <algorithm>
#include <ostream>

namespace stele::cli {
namespace {

std::string_view escape_of(Colour colour) {
  switch (colour) {
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::blue: return "\x1b[34m";
    case Colour::plain: break;
  }
  return "";
}

std::string painted(Colour colour, std::string_view text) {
  return std::string(escape_of(colour)) + std::string(text) + "\x1b[0m";
}

}  // namespace

void Console::line(std::string_view text) const { streams_.out << text << '\n'; }

void Console::notice(std::string_view text) const { streams_.err << text << '\n' << std::flush; }

void Console::flush() const { streams_.out.flush(); }

int Console::fail(const Error& error) const {
  const std::string word = streams_.err_colours ? painted(Colour::red, "error:") : "error:";
  streams_.err << word << ' ';
  const bool named = !error.subject.empty() && !error.reason.contains(error.subject);
  if (named) streams_.err << error.subject << ": ";
  streams_.err << error.reason << '\n' << std::flush;
  return number(exit_code(error.code));
}

std::string Console::paint(Colour colour, std::string_view text) const {
  if (!streams_.out_colours || colour == Colour::plain) return std::string(text);
  return painted(colour, text);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void Table::print(const Console& console) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows_) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    console.line(&row == rows_.data() ? console.paint(Colour::bold, text) : text);
  }
}

}  // namespace stele::cli
