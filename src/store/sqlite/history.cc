// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history.h"

#include <fmt/format.h>

#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t entries_at_once = 4'096;  ///< room is made for so many

std::unexpected<Error> gap(ExecutionKey key, std::uint32_t position) {
  return fail(Code::data_loss, fmt::format("entry {} of its history is missing", position),
              std::to_string(key.value));
}

/// Collects entries in order until the page is full.
class PageReader {
 public:
  PageReader(Reading& reading, ExecutionKey key, std::uint32_t position, std::uint32_t limit)
      : reading_(reading),
        reader_(reading.reader()),
        key_(key),
        first_(position),
        next_(position),
        limit_(limit) {
    page_.as_of = reading.floor().as_of;
  }

  Result<void> read_segments();
  Result<void> read_tails(const Tails& tails);
  HistoryPage take() { return std::move(page_); }
  bool full() const { return page_.more; }

 private:
  Result<void> add_segment(const Segment& segment);
  Result<void> add(BytesView encoded);
  /// Marks the page as full if there is no space for one more.
  bool has_space();

  Reading& reading_;
  Reader& reader_;
  ExecutionKey key_;
  std::uint32_t first_;
  std::uint32_t next_;
  std::uint32_t limit_;
  std::size_t bytes_ = 0;
  HistoryPage page_;
};

bool PageReader::has_space() {
  page_.more = page_.entries.size() >= limit_ || bytes_ >= history_page_bytes;
  return !page_.more;
}

Result<void> PageReader::add(BytesView encoded) {
  bytes_ += encoded.size();
  Entry& entry = page_.entries.emplace_back();
  entry.position = next_++;
  TRY(reader_.codec.decode_entry_into(encoded, reader_, entry));
  return {};
}

Segment segment_of(const Statement& row) {
  Segment segment;
  segment.id = row.integer(0);
  segment.entries = static_cast<std::uint32_t>(row.integer(1));
  segment.method = static_cast<Compression>(row.integer(2));
  segment.size = static_cast<std::uint64_t>(row.integer(3));
  segment.body = row.bytes(4);
  return segment;
}

Result<void> PageReader::read_segments() {
  Statement& select =
      *TRY(reader_.statement("select id, entries, method, size, body from segment where id >= "
                             "ifnull((select max(id) from segment where id between ?1 and ?2), ?2) "
                             "and id <= ?3 order by id"));
  const Resetting resetting(select);
  select.bind(1, segment_id(key_.value, 0))
      .bind(2, segment_id(key_.value, std::min(next_, position_max)))
      .bind(3, segment_id(key_.value, position_max));
  while (has_space() && TRY(select.step())) TRY(add_segment(segment_of(select)));
  return {};
}

Result<void> PageReader::add_segment(const Segment& segment) {
  const std::uint32_t first = segment_first(segment.id);
  if (first > next_) return gap(key_, next_);
  if (next_ - first >= segment.entries) return {};
  const SegmentEntries opened = TRY(reader_.segments.open(segment));
  const std::size_t wanted = page_.entries.size() + opened.ranges.size();
  if (page_.entries.capacity() < wanted)
    page_.entries.reserve(
        std::max<std::size_t>(wanted, std::min<std::size_t>(limit_, entries_at_once)));
  for (std::size_t place = next_ - first; place < opened.ranges.size() && has_space(); ++place) {
    TRY(add(opened.at(place)));
  }
  return {};
}

Result<void> PageReader::read_tails(const Tails& tails) {
  if (tails.is_canary(StoreCanary::tails_again)) next_ = first_;
  const std::size_t wanted = limit_ - std::min<std::size_t>(limit_, page_.entries.size()) + 1;
  for (const TailRef& ref : tails.find(key_.value, next_, wanted)) {
    if (ref.position < next_) continue;
    if (ref.position > next_) return gap(key_, next_);
    Statement& select = reader_.tail(ref.table);
    const Resetting resetting(select);
    const std::optional<BytesView> row = TRY(tail_row(select, key_, ref));
    if (!row && ref.id < reading_.floor().committed_id) return gap(key_, next_);
    if (!row || !has_space()) break;
    TRY(add(*row));
  }
  return {};
}

/// Looks backwards for what fixes the numbers: the last request and the last response.
class HeadSearch {
 public:
  bool done() const { return position_ && version_ && response_seq_; }
  void look(const Entry& entry) {
    if (!position_) position_ = entry.position + 1;
    const std::uint32_t width = version_width(entry.body);
    if (!version_ && width > 0) version_ = entry.version + width;
    if (!response_seq_ && is_response(entry.body)) {
      const auto* child = std::get_if<ChildResponse>(&entry.body);
      response_seq_ = 1 + (child != nullptr ? child->seq : std::get<DelayResponse>(entry.body).seq);
    }
  }
  HistoryHead over(const HistoryHead& packed) const {
    return {position_.value_or(packed.position), version_.value_or(packed.version),
            response_seq_.value_or(packed.response_seq)};
  }

 private:
  std::optional<std::uint32_t> position_;
  std::optional<std::uint32_t> version_;
  std::optional<std::uint32_t> response_seq_;
};

}  // namespace

std::unexpected<Error> wrong_row(ExecutionKey key, std::uint32_t position) {
  return fail(Code::data_loss, fmt::format("the row of entry {} holds another entry", position),
              std::to_string(key.value));
}

Result<std::optional<BytesView>> tail_row(Statement& select, ExecutionKey key, const TailRef& ref) {
  select.bind(1, ref.id);
  if (!TRY(select.step())) return std::nullopt;
  if (select.integer(0) != key.value || select.integer(1) != ref.position) {
    return wrong_row(key, ref.position);
  }
  return TRY(unseal(select.bytes(2)));
}

Result<HistoryPage> read_history(Reading& reading, const Tails& tails, ExecutionKey key,
                                 std::uint32_t position, std::uint32_t limit) {
  PageReader page(reading, key, position, limit);
  const bool misses =
      tails.is_canary(StoreCanary::segments_missed) && !tails.find(key.value, position, 1).empty();
  if (!misses) TRY(page.read_segments());
  if (!page.full()) TRY(page.read_tails(tails));
  return page.take();
}

Result<HistoryHead> packed_head(Reader& reader, ExecutionKey key) {
  Statement& select = *TRY(reader.statement(
      "select id, entries, version, response_seq from segment where id between ?1 and ?2 "
      "order by id desc limit 1"));
  const Resetting resetting(select);
  select.bind(1, segment_id(key.value, 0)).bind(2, segment_id(key.value, position_max));
  if (!TRY(select.step())) return HistoryHead{};
  const auto number = [&](int column) {
    return static_cast<std::uint32_t>(select.integer(column));
  };
  return HistoryHead{segment_first(select.integer(0)) + number(1), number(2), number(3)};
}

Result<HistoryHead> read_head(Reading& reading, const Tails& tails, ExecutionKey key) {
  Reader& reader = reading.reader();
  const HistoryHead packed = TRY(packed_head(reader, key));
  HeadSearch search;
  constexpr std::size_t chunk = 256;
  std::uint32_t before = UINT32_MAX;
  while (!search.done()) {
    const std::vector<TailRef> refs = tails.find_back(key.value, before, chunk);
    for (const TailRef& ref : refs) {
      before = ref.position;
      if (before < packed.position || search.done()) return search.over(packed);
      Statement& select = reader.tail(ref.table);
      const Resetting resetting(select);
      const std::optional<BytesView> row = TRY(tail_row(select, key, ref));
      if (!row && ref.id < reading.floor().committed_id) return gap(key, ref.position);
      if (row) search.look(TRY(reader.codec.decode_entry(*row, ref.position, reader)));
    }
    if (refs.empty()) break;
  }
  return search.over(packed);
}

}  // namespace stele::sqlite
