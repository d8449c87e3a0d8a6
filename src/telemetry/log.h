// SPDX-License-Identifier: Apache-2.0
// Owns: the program's own structured log on stderr, as text or JSON lines.
// Life cycle: process-wide; configured once by the composition root before threads start.
// Thread: any. Must hold: a line leaves in one write; logging never fails its caller.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace stele::telemetry {

/// `silent` is for configure() alone.
enum class Level : std::uint8_t { debug = 1, info = 2, warn = 3, error = 4, silent = 5 };
enum class Format : std::uint8_t { text, json };

struct Field {
  std::string_view name;
  std::string value;
};

void configure(Format format, Level least);
/// How many lines of level error have been written; tests and the simulator look at it.
std::uint64_t errors_logged();

void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});
/// Bytes of a guest's stream to the server's own stdout or stderr, behind `prefix`, in one write.
void pass_on(bool standard_out, std::string_view prefix, std::string_view bytes);
/// The line without its end, for tests.
std::string render(Format format, Level level, std::string_view event,
                   std::initializer_list<Field> fields);

}  // namespace stele::telemetry
