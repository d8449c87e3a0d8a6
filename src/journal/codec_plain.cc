// SPDX-License-Identifier: Apache-2.0
#include "journal/codec_plain.h"

#include <cstring>

namespace stele {
namespace {

enum class Wire : std::uint8_t { varint = 0, bytes = 2 };

/// The fields of one message, in rising order, each at most once, by tags of one byte.
class Fields {
 public:
  explicit Fields(BytesView message) : rest_(message) {}

  /// False at the end, and where the message is not plain.
  bool next() {
    if (rest_.empty()) return false;
    const auto tag = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const unsigned number = tag >> 3U;
    wire_ = static_cast<Wire>(tag & 7U);
    plain_ = tag < 0x80 && number > number_ && take(number_value_);
    number_ = number;
    if (plain_ && wire_ == Wire::bytes) {
      plain_ = number_value_ <= rest_.size();
      bytes_ = rest_.substr(0, number_value_);
      rest_.remove_prefix(bytes_.size());
    } else if (wire_ != Wire::varint) {
      plain_ = false;
    }
    return plain_;
  }
  bool plain() const { return plain_; }
  unsigned number() const { return number_; }
  BytesView bytes() const { return bytes_; }
  bool is_bytes() const { return wire_ == Wire::bytes; }
  std::uint64_t value() const { return number_value_; }

  template <typename Id>
  bool set(Id& to) const {
    using Value = std::remove_reference_t<decltype(to.value)>;
    return set_number<Value>(to.value);
  }
  bool set(std::uint32_t& to) const { return set_number(to); }

 private:
  template <typename Value>
  bool set_number(Value& to) const {
    to = static_cast<Value>(number_value_);
    return !is_bytes() && (sizeof(Value) == sizeof number_value_ || number_value_ <= UINT32_MAX);
  }
  bool take(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 63 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  BytesView rest_;
  BytesView bytes_;
  std::uint64_t number_value_ = 0;
  unsigned number_ = 0;
  Wire wire_ = Wire::varint;
  bool plain_ = true;
};

bool decode(BytesView message, DirectCall& to) {
  bool hashed = false;
  Fields fields(message);
  while (fields.next()) {
    bool sound = false;
    switch (fields.number()) {
      case 1: sound = fields.set(to.join_set); break;
      case 2: sound = fields.set(to.one_off); break;
      case 3: sound = fields.set(to.child); break;
      case 4: sound = fields.set(to.function); break;
      case 5:
        sound = hashed = fields.is_bytes() && fields.bytes().size() == to.params_hash.bytes.size();
        if (sound)
          std::memcpy(to.params_hash.bytes.data(), fields.bytes().data(), fields.bytes().size());
        break;
      default: break;
    }
    if (!sound) return false;
  }
  return fields.plain() && hashed;
}

/// Only values: failures are rare.
bool decode(BytesView message, Outcome& to) {
  bool known = false;
  Fields fields(message);
  while (fields.next()) {
    if (fields.number() == 1 && !fields.is_bytes()) {
      known = fields.value() == 1 || fields.value() == 2;
      to.kind = static_cast<OutcomeKind>(fields.value());
    } else if (fields.number() == 2 && fields.is_bytes()) {
      to.value = fields.bytes();
    } else {
      return false;
    }
  }
  return fields.plain() && known;
}

bool decode(BytesView message, ChildResponse& to) {
  bool ended = false;
  Fields fields(message);
  while (fields.next()) {
    bool sound = false;
    switch (fields.number()) {
      case 1: sound = fields.set(to.seq); break;
      case 2: sound = fields.set(to.join_set); break;
      case 3: sound = fields.set(to.child); break;
      case 4: sound = fields.set(to.finished_version); break;
      case 5: sound = ended = fields.is_bytes() && decode(fields.bytes(), to.outcome); break;
      case 6: sound = fields.set(to.index); break;
      default: break;
    }
    if (!sound) return false;
  }
  return fields.plain() && ended;
}

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (0 - (value & 1U)));
}

}  // namespace

bool decode_plain(BytesView bytes, Entry& to) {
  constexpr unsigned direct_call = 7;
  constexpr unsigned child_response = 13;
  to.at = Instant{};
  to.version = 0;
  bool has_body = false;
  Fields fields(bytes);
  while (fields.next()) {
    bool sound = false;
    switch (fields.number()) {
      case 1:
        sound = !fields.is_bytes();
        to.at = Instant{from_zigzag(fields.value())};
        break;
      case 2: sound = fields.set(to.version); break;
      case direct_call:
        sound = fields.is_bytes() && decode(fields.bytes(), to.body.emplace<DirectCall>());
        break;
      case child_response:
        sound = fields.is_bytes() && decode(fields.bytes(), to.body.emplace<ChildResponse>());
        break;
      default: break;
    }
    if (!sound || (has_body && fields.number() > 2)) return false;
    has_body = has_body || fields.number() > 2;
  }
  return fields.plain() && has_body;
}

}  // namespace stele
