// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "journal/codec.h"

namespace stele {
namespace {

class NoBlobs final : public BlobSink, public BlobSource {
 public:
  Result<void> put_value(const Hash128& /*hash*/, BytesView /*bytes*/) override { return {}; }
  Result<Bytes> get_value(const Hash128& /*hash*/) override { return Bytes{}; }
};

Entry call_entry() {
  return {7, 19, Instant{1'700'000'000'000'000},
          DirectCall{JoinSetOrdinal{6}, 7, ExecutionKey{90'000}, FunctionId{3}, {}}};
}

Entry response_entry() {
  const Outcome outcome{
      OutcomeKind::ok, R"({"total":120,"currency":"EUR"})", FailureKind::uncategorized, "", "", ""};
  return {8, 22, Instant{1'700'000'000'000'000},
          ChildResponse{4, JoinSetOrdinal{6}, ExecutionKey{90'000}, 2, outcome}};
}

void encode(benchmark::State& state, const Entry& entry) {
  Codec codec;
  NoBlobs blobs;
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    benchmark::DoNotOptimize(codec.encode(entry, blobs, bytes));
  }
  state.SetItemsProcessed(state.iterations());
}

void decode(benchmark::State& state, const Entry& entry) {
  Codec codec;
  NoBlobs blobs;
  Bytes bytes;
  if (!codec.encode(entry, blobs, bytes)) return;
  for (auto _ : state) benchmark::DoNotOptimize(codec.decode_entry(bytes, entry.position, blobs));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(encode, direct_call, call_entry());
BENCHMARK_CAPTURE(encode, child_response, response_entry());
BENCHMARK_CAPTURE(decode, direct_call, call_entry());
BENCHMARK_CAPTURE(decode, child_response, response_entry());

}  // namespace
}  // namespace stele
