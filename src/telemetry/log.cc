// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iterator>

#include "base/time.h"

namespace stele::telemetry {
namespace {

std::atomic<Format> current_format{Format::text};
std::atomic<Level> current_least{Level::info};
std::atomic<std::uint64_t> error_lines{0};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error:
    case Level::silent: break;
  }
  return "error";
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

std::string wall_time() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return to_rfc3339(Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()});
}

void write_line(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void configure(Format format, Level least) {
  current_format = format;
  current_least = least;
}

std::uint64_t errors_logged() { return error_lines; }

std::string render(Format format, Level level, std::string_view event,
                   std::initializer_list<Field> fields) {
  std::string out;
  if (format == Format::json) {
    out = fmt::format(R"("level":"{}","event":)", name_of(level));
    append_json(out, event);
    for (const Field& field : fields) {
      out += ',';
      append_json(out, field.name);
      out += ':';
      append_json(out, field.value);
    }
    return out;
  }
  out = fmt::format("{:<5} {}", name_of(level), event);
  for (const Field& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    if (is_plain(field.value)) {
      out += field.value;
    } else {
      append_json(out, field.value);
    }
  }
  return out;
}

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level == Level::error) ++error_lines;
  if (level < current_least.load()) return;
  const Format format = current_format;
  const std::string body = render(format, level, event, fields);
  write_line(format == Format::json ? fmt::format("{{\"time\":\"{}\",{}}}\n", wall_time(), body)
                                    : fmt::format("{} {}\n", wall_time(), body));
}

void pass_on(bool standard_out, std::string_view prefix, std::string_view bytes) {
  const std::string line = fmt::format("{}{}{}", prefix, bytes, bytes.ends_with('\n') ? "" : "\n");
  const ssize_t written =
      ::write(standard_out ? STDOUT_FILENO : STDERR_FILENO, line.data(), line.size());
  static_cast<void>(written);  // whoever closed the stream does not want it
}

}  // namespace stele::telemetry
