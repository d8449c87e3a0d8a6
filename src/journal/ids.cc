// SPDX-License-Identifier: Apache-2.0
#include "journal/ids.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "journal/hash.h"

namespace stele {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t ulid_length = 26;
constexpr std::string_view execution_prefix = "E_";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '/';
}
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::unexpected<Error> bad_id(std::string_view text, std::string_view expected) {
  return fail(Code::invalid_argument,
              fmt::format("'{}' is not an execution id: {}", text.substr(0, 300), expected));
}

/// The canonical decimal form only, so that text and number convert without loss.
std::optional<std::uint32_t> parse_index(std::string_view text) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.empty() || text.front() == '0') return std::nullopt;
  return index;
}

struct Level {
  std::string_view join_set;
  std::uint32_t index = 0;
};

/// One level without its dot: `<kind>:<name>_<index>`.
std::optional<Level> parse_level(std::string_view text) {
  const std::size_t underscore = text.rfind('_');
  if (underscore == std::string_view::npos || underscore < 2) return std::nullopt;
  const std::string_view join_set = text.substr(0, underscore);
  const std::string_view kinds = "ong";
  if (kinds.find(join_set[0]) == std::string_view::npos || join_set[1] != ':') return std::nullopt;
  if (!std::ranges::all_of(join_set.substr(2), is_name_character)) return std::nullopt;
  const std::optional<std::uint32_t> index = parse_index(text.substr(underscore + 1));
  if (!index) return std::nullopt;
  return Level{join_set, *index};
}

void append_little_endian(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8)
    out += static_cast<char>((value >> shift) & 0xFFU);
}

/// Nothing if `interface` is ns:pkg/ifc[@ver], else what is missing.
std::string_view interface_error(std::string_view interface) {
  const std::size_t colon = interface.find(':');
  if (colon == std::string_view::npos) return "missing ':' after the namespace";
  if (colon == 0) return "empty namespace";
  const std::size_t slash = interface.find('/', colon);
  if (slash == std::string_view::npos) return "missing '/' after the package";
  if (slash == colon + 1) return "empty package";
  const std::string_view rest = interface.substr(slash + 1);
  const std::size_t at = rest.find('@');
  if (rest.empty() || at == 0) return "empty interface";
  if (at != std::string_view::npos && at + 1 == rest.size()) return "empty version";
  return {};
}

}  // namespace

bool is_id_suffix(std::string_view suffix) {
  while (!suffix.empty()) {
    if (suffix.front() != '.') return false;
    suffix.remove_prefix(1);
    const std::size_t end = std::min(suffix.find('.'), suffix.size());
    if (!parse_level(suffix.substr(0, end))) return false;
    suffix.remove_prefix(end);
  }
  return true;
}

std::string to_text(const Ulid& ulid) {
  std::string text(ulid_length, '0');
  std::uint64_t high = ulid.high;
  std::uint64_t low = ulid.low;
  for (std::size_t place = ulid_length; place-- > 0;) {
    text[place] = alphabet[low & 31U];
    low = (low >> 5U) | (high << 59U);
    high >>= 5U;
  }
  return text;
}

Result<Ulid> parse_ulid(std::string_view text) {
  if (text.size() != ulid_length) {
    return fail(Code::invalid_argument, fmt::format("a ULID has 26 characters, found {} in '{}'",
                                                    text.size(), text.substr(0, 300)));
  }
  if (text[0] < '0' || text[0] > '7') {
    return fail(Code::invalid_argument,
                fmt::format("the ULID '{}' begins with a character above 7", text));
  }
  Ulid ulid;
  for (const char c : text) {
    const std::size_t value = alphabet.find(upper(c));
    if (value == std::string_view::npos) {
      return fail(Code::invalid_argument,
                  fmt::format("the ULID '{}' has a character outside {}", text, alphabet));
    }
    ulid.high = (ulid.high << 5U) | (ulid.low >> 59U);
    ulid.low = (ulid.low << 5U) | value;
  }
  return ulid;
}

Ulid make_ulid(std::int64_t unix_ms, std::uint16_t random_high, std::uint64_t random_low) {
  const std::uint64_t ms = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms, 0));
  return {((ms & 0xFFFFFFFFFFFFULL) << 16U) | random_high, random_low};
}

std::string to_text(const ExecutionId& id) {
  return fmt::format("{}{}{}", execution_prefix, to_text(id.root), id.suffix);
}

Result<ExecutionId> parse_execution_id(std::string_view text) {
  if (!text.starts_with(execution_prefix)) return bad_id(text, "it begins with 'E_'");
  const std::string_view rest = text.substr(execution_prefix.size());
  const std::size_t end = std::min(rest.find('.'), rest.size());
  Result<Ulid> root = parse_ulid(rest.substr(0, end));
  if (!root) return bad_id(text, root.error().reason);
  const std::string_view suffix = rest.substr(end);
  if (!is_id_suffix(suffix)) {
    return bad_id(text,
                  "each level after the ULID is '.<join set id>_<index>', where the join set id is "
                  "'o:', 'n:' or 'g:' and a name, and the index is a number from 1");
  }
  return ExecutionId{*root, std::string(suffix)};
}

Result<DerivedPart> split_derived(const ExecutionId& id) {
  const std::size_t dot = id.suffix.rfind('.');
  if (dot == std::string::npos)
    return bad_id(to_text(id), "it is a top-level id, without a parent");
  const std::optional<Level> level = parse_level(std::string_view(id.suffix).substr(dot + 1));
  if (!level) return bad_id(to_text(id), "its last level is not '.<join set id>_<index>'");
  return DerivedPart{
      {id.root, id.suffix.substr(0, dot)}, std::string(level->join_set), level->index};
}

std::string child_suffix(std::string_view parent_suffix, std::string_view join_set,
                         std::uint32_t index) {
  return fmt::format("{}.{}_{}", parent_suffix, join_set, index);
}

std::string delay_id(const ExecutionId& owner, std::string_view join_set, std::uint32_t index) {
  return fmt::format("Delay_{}{}.{}_{}", to_text(owner.root), owner.suffix, join_set, index);
}

std::uint64_t random_seed(const ExecutionId& id) {
  std::string input;
  append_little_endian(input, id.root.low);
  append_little_endian(input, id.root.high);
  const std::size_t underscore = id.suffix.rfind('_');
  if (underscore != std::string::npos) {
    input += id.suffix.substr(1, underscore - 1);
    append_little_endian(input, parse_index(id.suffix.substr(underscore + 1)).value_or(0));
  }
  const std::array<std::uint8_t, 32> digest = sha256(input);
  std::uint64_t seed = 0;
  for (unsigned place = 8; place-- > 0;) seed = (seed << 8U) | digest[place];
  return seed;
}

std::string join_set_id(JoinSetKind kind, std::string_view name) {
  switch (kind) {
    case JoinSetKind::one_off: return fmt::format("o:{}", name);
    case JoinSetKind::named: return fmt::format("n:{}", name);
    case JoinSetKind::generated: return fmt::format("g:{}", name);
  }
  return {};
}

Result<Ffqn> parse_ffqn(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::invalid_argument,
                fmt::format("'{}' is not a function name of the form ns:pkg/ifc@ver.fn: {}",
                            text.substr(0, 300), why));
  };
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return refuse("missing '.' before the function");
  if (dot + 1 == text.size()) return refuse("empty function");
  const std::string_view why = interface_error(text.substr(0, dot));
  if (!why.empty()) return refuse(why);
  return Ffqn{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace stele
