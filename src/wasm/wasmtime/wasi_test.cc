// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "base/sync.h"
#include "wasm/wasmtime/fixture_for_test.h"
#include "wasm/wasmtime/wasi_guests_for_test.h"

namespace stele::wasm {
namespace {

using test::EnginesTest;
using test::ScriptedHost;

class QueuedWakes final : public Wakes {
 public:
  void woken(std::uint64_t guest_id) noexcept override { queue.push(guest_id); }
  Queue<std::uint64_t> queue;
};

class WasiTest : public EnginesTest {
 protected:
  static std::shared_ptr<Component> activity(const std::string& text) {
    return compiled({.kind = ComponentKind::activity, .name = "a", .bytes = text});
  }

  static std::shared_ptr<Component> stubbed(const std::string& text) {
    return compiled(
        {.kind = ComponentKind::workflow, .name = "w", .bytes = text, .stub_wasi = true});
  }

  /// Runs an activity to its end, polling again only when it was woken.
  PollResult run(Component& component, HostCalls& host, const Environment& environment) {
    const auto guest = component
                           .instantiate({.guest_id = 7,
                                         .function = test::run_function,
                                         .params = "[]",
                                         .calls = &host,
                                         .wakes = &queued_,
                                         .environment = &environment})
                           .value();
    PollResult result = poll(*guest);
    while (result.state == PollState::waiting) {
      EXPECT_EQ(queued_.queue.pop(seconds(20)), 7U);
      result = poll(*guest);
    }
    return result;
  }

  QueuedWakes queued_;
  ScriptedHost host_;
};

TEST_F(WasiTest, an_activity_has_its_environment_and_output) {
  const auto component = activity(test::environment_guest());
  const PollResult with = run(*component, host_, {.variables = {{"NAME", "value"}}});
  ASSERT_EQ(with.state, PollState::finished) << with.failure.reason;
  EXPECT_EQ(with.finished.value, "\"value\"");
  EXPECT_EQ(host_.out, "value");
  EXPECT_EQ(host_.err, "");
  const PollResult without = run(*component, host_, {});
  EXPECT_EQ(without.finished.value, "\"\"") << without.failure.reason;
}

TEST_F(WasiTest, http_is_denied_unless_it_is_allowed) {
  constexpr const char* denied = "15";
  constexpr const char* connection_refused = "6";
  const auto component = activity(test::http_guest("127.0.0.1:1"));
  const auto answer = [&](std::vector<AllowedHost> hosts) {
    const PollResult result =
        run(*component, host_, {.variables = {}, .allowed_hosts = std::move(hosts)});
    EXPECT_EQ(result.state, PollState::finished) << result.failure.reason;
    return result.finished.value;
  };
  EXPECT_EQ(answer({}), denied);
  ASSERT_EQ(host_.logged.size(), 1U);
  EXPECT_NE(host_.logged[0].second.find("http://127.0.0.1:1"), std::string::npos);
  EXPECT_EQ(answer({{.pattern = "127.0.0.1:1", .methods = {}}}), denied);  // https only
  EXPECT_EQ(answer({{.pattern = "http://127.0.0.1", .methods = {}}}), denied);
  EXPECT_EQ(answer({{.pattern = "http://127.0.0.1:1", .methods = {"POST"}}}), denied);
  EXPECT_EQ(answer({{.pattern = "http://127.0.0.1:1", .methods = {"GET"}}}), connection_refused);
  EXPECT_EQ(answer({{.pattern = "*://127.0.0.*:*", .methods = {}}}), connection_refused);
}

TEST_F(WasiTest, a_bad_pattern_is_an_error_of_instantiate) {
  const auto component = activity(test::environment_guest());
  for (const char* pattern : {"", "http://a/", "a*b", "ftp://a", "a:port", "**"}) {
    const Environment environment{.variables = {}, .allowed_hosts = {{pattern, {}}}};
    const auto made = component->instantiate({.function = test::run_function,
                                              .params = "[]",
                                              .calls = &host_,
                                              .wakes = &queued_,
                                              .environment = &environment});
    ASSERT_FALSE(made.has_value()) << pattern;
    EXPECT_EQ(made.error().code, Code::invalid_argument);
  }
}

TEST_F(WasiTest, a_workflow_may_not_import_wasi) {
  const std::string text = test::number_guest("wasi:clocks/monotonic-clock@0.2.3", "now");
  const std::string reason = refusal({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
  EXPECT_NE(reason.find("wasi:clocks/monotonic-clock@0.2.3.now"), std::string::npos) << reason;
  EXPECT_NE(reason.find("stub_wasi"), std::string::npos) << reason;
  const std::string output =
      refusal({.kind = ComponentKind::workflow, .name = "w", .bytes = test::environment_guest()});
  EXPECT_NE(output.find("wasi:io/streams@0.2.12.[method]output-stream"), std::string::npos)
      << output;
}

TEST_F(WasiTest, stubs_are_deterministic) {
  const auto value = [&](const std::string& text) {
    const auto component = stubbed(text);
    const PollResult result = run(*component, host_, {.variables = {{"NAME", "value"}}});
    return result.state == PollState::finished ? result.finished.value : result.failure.reason;
  };
  EXPECT_EQ(value(test::number_guest("wasi:clocks/monotonic-clock@0.2.12", "now")), "0");
  EXPECT_EQ(value(test::number_guest("wasi:random/random@0.2.0", "get-random-u64")), "0");
  EXPECT_EQ(value(test::number_guest("wasi:clocks/monotonic-clock@0.2.3", "resolution")),
            "wasi:clocks/monotonic-clock.resolution is stubbed");
  EXPECT_EQ(value(test::environment_guest()), "\"\"");
  EXPECT_EQ(host_.out, "");
}

TEST_F(WasiTest, stubs_do_not_cover_http) {
  const std::string text = test::http_guest("x");
  const std::string reason =
      refusal({.kind = ComponentKind::workflow, .name = "w", .bytes = text, .stub_wasi = true});
  EXPECT_NE(reason.find("wasi:http/"), std::string::npos) << reason;
}

TEST_F(WasiTest, log_lines_go_to_the_host) {
  const auto kinds = {ComponentKind::activity, ComponentKind::workflow};
  for (const ComponentKind kind : kinds) {
    const std::string text = test::logging_guest("warn");
    const auto component = compiled({.kind = kind, .name = "x", .bytes = text});
    EXPECT_TRUE(component->description().imports.empty());
    EXPECT_EQ(run(*component, host_, {}).state, PollState::finished);
  }
  ASSERT_EQ(host_.logged.size(), 2U);
  EXPECT_EQ(host_.logged[0], (std::pair<int, std::string>{4, "hello"}));
}

}  // namespace
}  // namespace stele::wasm
