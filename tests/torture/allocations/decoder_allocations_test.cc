// SPDX-License-Identifier: Apache-2.0
// Decoding that runs out of memory says so, keeps nothing, and works the next time: over the golden
// bytes of every released entry.
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <set>
#include <variant>

#include <gtest/gtest.h>

#include "journal/codec.h"
#include "torture/allocations/failing_new.h"

namespace stele {
namespace {

class NoBlobs final : public BlobSource {
 public:
  Result<Bytes> get_value(const Hash128& /*hash*/) override { return Bytes(100, 'x'); }
};

Bytes bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  Bytes bytes;
  for (std::size_t place = 0; place + 1 < text.size(); place += 2)
    bytes += static_cast<char>(std::stoi(text.substr(place, 2), nullptr, 16));
  return bytes;
}

/// Nothing if memory ran out.
std::optional<Result<Entry>> decode(Codec& codec, const Bytes& bytes, std::uint64_t failing) {
  NoBlobs blobs;
  allocations::plan(failing);
  try {
    const allocations::Scope scope;
    return codec.decode_entry(bytes, 7, blobs);
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

TEST(DecoderAllocations, EachMayFailOnce) {
  std::set<std::size_t> kinds;
  std::size_t failures = 0;
  for (const auto& file : std::filesystem::directory_iterator(STELE_JOURNAL_FIXTURES)) {
    const Bytes bytes = bytes_of(file.path());
    SCOPED_TRACE(file.path().filename());
    Codec fresh;
    const auto whole = decode(fresh, bytes, 0);
    ASSERT_TRUE(whole);
    if (!*whole) continue;  // not an entry
    kinds.insert((*whole)->body.index());
    const std::uint64_t count = allocations::counted();
    for (std::uint64_t place = 1; place <= count; ++place) {
      Codec codec;
      const auto failed = decode(codec, bytes, place);
      failures += failed ? 0 : 1;
      EXPECT_FALSE(failed && *failed && **failed != **whole) << "allocation " << place;
      const auto again = decode(codec, bytes, 0);
      ASSERT_TRUE(again && *again) << "allocation " << place;
      EXPECT_TRUE(**again == **whole) << "allocation " << place;
    }
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<EntryBody>);
  EXPECT_GT(failures, 30U);
}

}  // namespace
}  // namespace stele
