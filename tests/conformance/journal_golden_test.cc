// SPDX-License-Identifier: Apache-2.0
// The bytes of each release stay readable for ever, and this release writes exactly them.
// A new file set is made with STELE_WRITE_FIXTURES=1; files of a released version never change.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "journal/codec.h"
#include "tests/conformance/samples.h"

namespace stele {
namespace {

class Blobs final : public BlobSink, public BlobSource {
 public:
  Result<void> put_value(const Hash128& hash, BytesView bytes) override {
    values_[hash] = Bytes(bytes);
    return {};
  }
  Result<Bytes> get_value(const Hash128& hash) override {
    const auto value = values_.find(hash);
    if (value == values_.end()) return fail(Code::data_loss, "a large value is missing");
    return value->second;
  }

 private:
  std::map<Hash128, Bytes> values_;
};

const std::filesystem::path fixtures = std::filesystem::path(STELE_FIXTURES) / "journal-v1";
constexpr std::uint32_t golden_version = 41;

/// Compares with the file of that name, or writes it when asked to.
void expect_golden(const std::string& name, const Bytes& bytes) {
  const std::filesystem::path path = fixtures / (name + ".hex");
  if (std::getenv("STELE_WRITE_FIXTURES") != nullptr && !std::filesystem::exists(path)) {
    std::filesystem::create_directories(fixtures);
    std::ofstream(path) << to_hex(bytes) << '\n';
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::string stored;
  file >> stored;
  EXPECT_EQ(to_hex(bytes), stored) << name;
}

Bytes golden_bytes(const std::string& name) {
  std::ifstream file(fixtures / (name + ".hex"));
  std::string text;
  file >> text;
  Bytes bytes;
  for (std::size_t place = 0; place + 1 < text.size(); place += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(place, 2), nullptr, 16));
  }
  return bytes;
}

const std::vector<std::string>& entry_names() {
  static const std::vector<std::string> names{"persist",
                                              "join_set_create",
                                              "child_request",
                                              "delay_request",
                                              "direct_call",
                                              "sleep",
                                              "join_next",
                                              "join_next_try",
                                              "join_next_too_many",
                                              "ending",
                                              "child_response",
                                              "delay_response",
                                              "attempt_failed",
                                              "control",
                                              "schedule",
                                              "schedule_refused",
                                              "stub",
                                              "stub_refused",
                                              "component_upgrade",
                                              "child_request_refused",
                                              "delay_request_paused",
                                              "child_response_index"};
  return names;
}

TEST(JournalGolden, EntriesOfVersion1) {
  Codec codec;
  Blobs blobs;
  const std::vector<EntryBody> bodies = samples::all_bodies();
  ASSERT_EQ(bodies.size(), entry_names().size());
  for (std::size_t kind = 0; kind < bodies.size(); ++kind) {
    const Entry entry{7, golden_version, samples::start, bodies[kind]};
    Bytes bytes;
    ASSERT_TRUE(codec.encode(entry, blobs, bytes));
    expect_golden(entry_names()[kind], bytes);
    const Result<Entry> read = codec.decode_entry(golden_bytes(entry_names()[kind]), 7, blobs);
    ASSERT_TRUE(read) << entry_names()[kind];
    EXPECT_EQ(*read, entry) << entry_names()[kind];
  }
}

TEST(JournalGolden, OutcomesAndCreationsOfVersion1) {
  Codec codec;
  Blobs blobs;
  const Outcome large{
      OutcomeKind::err, std::string(20'000, 'v'), FailureKind::uncategorized, "", "", ""};
  Bytes bytes;
  ASSERT_TRUE(codec.encode(large, blobs, bytes));
  expect_golden("outcome_large", bytes);
  EXPECT_EQ(codec.decode_outcome(golden_bytes("outcome_large"), blobs).value(), large);

  const ExecutionRow row = samples::root_row(3);
  bytes.clear();
  ASSERT_TRUE(codec.encode_creation(row, blobs, bytes));
  expect_golden("creation", bytes);
  ExecutionRow read;
  ASSERT_TRUE(codec.decode_creation(golden_bytes("creation"), blobs, read));
  EXPECT_EQ(read.params, row.params);
  EXPECT_EQ(read.params_hash, row.params_hash);
  EXPECT_EQ(read.requester, row.requester);
  EXPECT_EQ(read.random_algorithm, row.random_algorithm);
}

}  // namespace
}  // namespace stele
