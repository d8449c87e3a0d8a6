// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace stele {
namespace {

constexpr std::int64_t us_per_day = 86'400'000'000;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Howard Hinnant's civil-calendar algorithms (public domain description).
Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto doe = static_cast<unsigned>(days - era * 146'097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, doy - (153 * mp + 2) / 5 + 1};
}

std::int64_t days_of(const Date& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto yoe = static_cast<unsigned>(year - era * 400);
  const unsigned doy =
      (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146'097 + static_cast<std::int64_t>(doe) - 719'468;
}

bool number(std::string_view text, std::size_t at, std::size_t size, unsigned& out) {
  if (at + size > text.size()) return false;
  const char* first = text.data() + at;
  const auto [end, code] = std::from_chars(first, first + size, out);
  return code == std::errc{} && end == first + size;
}

}  // namespace

std::string to_rfc3339(Instant at) {
  std::int64_t days = at.us / us_per_day;
  std::int64_t rest = at.us % us_per_day;
  if (rest < 0) {
    rest += us_per_day;
    --days;
  }
  const Date date = date_of(days);
  if (date.year < 0 || date.year > 9999) return fmt::format("{}us", at.us);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                  rest / 3'600'000'000, rest / 60'000'000 % 60, rest / 1'000'000 % 60);
  if (const std::int64_t us = rest % 1'000'000; us != 0) {
    text += fmt::format(".{:06}", us);
    while (text.back() == '0') text.pop_back();
  }
  return text + 'Z';
}

Result<Instant> from_rfc3339(std::string_view text) {
  const auto refused = [&] {
    return fail(Code::invalid_argument,
                fmt::format("'{}' is not a UTC time like 2026-01-31T08:00:00Z", text));
  };
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool shape = number(text, 0, 4, year) && number(text, 5, 2, month) &&
                     number(text, 8, 2, day) && number(text, 11, 2, hour) &&
                     number(text, 14, 2, minute) && number(text, 17, 2, second) && text[4] == '-' &&
                     text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
                     text.back() == 'Z';
  if (!shape || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
      second > 60)
    return refused();
  std::int64_t fraction = 0;
  std::string_view digits = text.substr(19, text.size() - 20);
  if (!digits.empty()) {
    if (digits.front() != '.' || digits.size() < 2 || digits.size() > 10) return refused();
    std::int64_t unit = 100'000;
    for (const char digit : digits.substr(1)) {
      if (digit < '0' || digit > '9') return refused();
      fraction += (digit - '0') * unit;
      unit /= 10;
    }
  }
  const std::int64_t days = days_of({year, month, day});
  const std::int64_t in_day = (hour * 3600LL + minute * 60LL + second) * 1'000'000 + fraction;
  return Instant{days * us_per_day + in_day};
}

}  // namespace stele
