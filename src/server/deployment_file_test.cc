// SPDX-License-Identifier: Apache-2.0
#include "server/deployment_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace stele::server {
namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name == "HOME_PAGE") return "example.com";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Result<DeploymentFile> parse(std::string_view text) {
  return parse_deployment(text, "d.toml", variable);
}

TEST(DeploymentFile, ReadsWhatIsObeyed) {
  const auto file = parse(R"([[activity_wasm]]
name = "pay"
location = "${DEPLOYMENT_DIR}/pay.wasm"
max_retries = 0
retry_exp_backoff.milliseconds = 250
exec.lock_expiry.seconds = 3
forward_stdout = "none"
logs_store_min_level = "warn"
env_vars = ["HOME_PAGE", {key = "MODE", value = "${NOPE:-test}"}]
[[activity_wasm.allowed_host]]
pattern = "https://${HOME_PAGE}"
methods = ["GET"]
[[workflow_wasm]]
name = "order"
location = "wf/order.wasm"
stub_wasi = true
)");
  ASSERT_TRUE(file) << file.error().reason;
  ASSERT_EQ(file->components.size(), 2U);
  const ComponentSettings& pay = file->components[0];
  EXPECT_EQ(pay.location, "pay.wasm");
  EXPECT_EQ(pay.retry.max_retries, 0U);
  EXPECT_EQ(pay.retry.backoff, milliseconds(250));
  EXPECT_EQ(pay.lock_expiry, seconds(3));
  EXPECT_EQ(pay.output.out, runtime::StreamTarget::none);
  EXPECT_EQ(pay.output.log_level_min, 4);
  ASSERT_EQ(pay.environment.variables.size(), 2U);
  EXPECT_EQ(pay.environment.variables[1].second, "test");
  ASSERT_EQ(pay.environment.allowed_hosts.size(), 1U);
  EXPECT_EQ(pay.environment.allowed_hosts[0].pattern, "https://example.com");
  const ComponentSettings& order = file->components[1];
  EXPECT_TRUE(order.stub_wasi);
  EXPECT_FALSE(order.retry.max_retries.has_value());
  EXPECT_TRUE(file->notes.empty());
}

TEST(DeploymentFile, DefaultsAreTheContracts) {
  const auto file = parse("[[activity_wasm]]\nname=\"a\"\nlocation=\"a.wasm\"\n");
  ASSERT_TRUE(file);
  const ComponentSettings& a = file->components[0];
  EXPECT_EQ(a.retry.max_retries, 5U);
  EXPECT_EQ(a.retry.backoff, milliseconds(100));
  EXPECT_EQ(a.lock_expiry, seconds(1));
  EXPECT_EQ(a.output.out, runtime::StreamTarget::db);
  EXPECT_EQ(a.output.log_level_min, 2);
  EXPECT_TRUE(a.environment.allowed_hosts.empty());
}

TEST(DeploymentFile, SaysWhichKeysHaveNoEffect) {
  const auto file = parse(R"([[workflow_wasm]]
name = "w"
location = "w.wasm"
exec.batch_size = 10
exec.tick_sleep.milliseconds = 10
exec.locking_strategy = "auto"
lock_extension = true
blocking_strategy = {kind = "await", non_blocking_event_batching = 10}
)");
  ASSERT_TRUE(file) << file.error().reason;
  ASSERT_EQ(file->notes.size(), 4U);
  EXPECT_EQ(
      file->notes[0],
      "d.toml: `exec.batch_size` of component `w` has no effect: work is pulled one by one as "
      "soon as it is ready");
}

TEST(DeploymentFile, ObeysWhatDecidesHowAComponentRuns) {
  const auto file = parse(R"([[activity_wasm]]
name = "a"
location = "a.wasm"
retry_jitter = 0.25
retry_backoff_max.minutes = 2
exec.keepalive = true
exec.instance_limiter = 3
exec.locking_strategy = "by_component_digest"
[[workflow_wasm]]
name = "w"
location = "w.wasm"
exec.locking_strategy = "by_ffqns"
exec.instance_limiter = "unlimited"
backtrace.sources = {"/src/w.rs" = "src/w.rs", ".../lib.rs" = "${DEPLOYMENT_DIR}/src/lib.rs"}
[[workflow_wasm]]
name = "v"
location = "v.wasm"
exec.locking_strategy = "by_component_digest"
)");
  ASSERT_TRUE(file) << file.error().reason;
  const ComponentSettings& a = file->components[0];
  EXPECT_EQ(a.retry.jitter_percent, 25U);
  EXPECT_EQ(a.retry.backoff_max, seconds(120));
  EXPECT_TRUE(a.keepalive);
  EXPECT_EQ(a.instances_max, 3U);
  const ComponentSettings& w = file->components[1];
  EXPECT_EQ(w.upgrade, core::UpgradeRule::by_function);
  EXPECT_EQ(w.instances_max, UINT32_MAX);
  EXPECT_EQ(w.sources.at(".../lib.rs"), "src/lib.rs");
  EXPECT_EQ(file->components[2].upgrade, core::UpgradeRule::by_component);
  EXPECT_EQ(file->notes.size(), 1U);
}

TEST(DeploymentFile, ReadsStubsAndExternalsInBothForms) {
  const auto file = parse(R"([[activity_stub]]
ffqn = "demo:shop/approvals@1.0.0.wait-for"
params = [{name = "order_id", type = "u64"}]
return_type = "result<bool, variant{ no(string), execution-failed }>"
[[activity_external]]
ffqn = "demo:shop/outside.ask"
name = "asker"
[[activity_external]]
name = "file"
location = "types.wasm"
exec.lock_expiry.seconds = 3
[[activity_stub]]
ffqn = "demo:shop/authored.go"
wit = "wit"
)");
  ASSERT_TRUE(file) << file.error().reason;
  ASSERT_EQ(file->components.size(), 4U);
  const ComponentSettings& stub = file->components[0];
  EXPECT_EQ(stub.name, "approvals.wait-for");
  EXPECT_EQ(stub.inline_function->params.at(0).name, "order-id");
  EXPECT_EQ(file->components[1].inline_function->wit, "wit");
  const ComponentSettings& external = file->components[2];
  EXPECT_EQ(external.name, "asker");
  EXPECT_EQ(external.inline_function->params.at(0).type, "list<string>");
  EXPECT_EQ(external.inline_function->result, "result<string, string>");
  EXPECT_FALSE(file->components[3].inline_function);
  ASSERT_EQ(file->notes.size(), 1U);
  EXPECT_NE(file->notes[0].find("`exec` of component `file` has no effect"), std::string::npos);
}

TEST(DeploymentFile, TellsAllProblemsTogether) {
  const auto file = parse(
      "[[activity_wasm]]\nname = \"a\"\n[[activity_stub]]\nffqn = \"x\"\n"
      "[[workflow_wasm]]\nname = \"w\"\nlocation = \"/w\"\n");
  ASSERT_FALSE(file);
  EXPECT_EQ(std::ranges::count(file.error().reason, '\n'), 2) << file.error().reason;
}

/// What becomes of a key of contract 10.2 and 10.3 in [[activity_wasm]], [[workflow_wasm]] and an
/// [[activity_stub]] or [[activity_external]] that is a file: obeyed, noted or refused.
struct KeyRow {
  std::string_view key;
  std::string_view fates;  ///< one letter for each of the four sections: o, n or r
};
constexpr std::array key_rows{
    KeyRow{"content_digest = \"sha256:00\"", "oooo"},
    KeyRow{"component_files = {}", "nnnn"},
    KeyRow{"component_digest = \"x\"", "nnnn"},
    KeyRow{"exec.batch_size = 5", "nnnn"},
    KeyRow{"exec.lock_expiry.seconds = 1", "oonn"},
    KeyRow{"exec.tick_sleep.seconds = 1", "nnnn"},
    KeyRow{"exec.locking_strategy = \"by_ffqns\"", "nonn"},
    KeyRow{"exec.locking_strategy = \"auto\"", "ronn"},
    KeyRow{"exec.instance_limiter = 1", "oonn"},
    KeyRow{"exec.keepalive = true", "ornn"},
    KeyRow{"max_retries = 1", "ornn"},
    KeyRow{"retry_exp_backoff.seconds = 1", "oonn"},
    KeyRow{"forward_stdout = \"none\"", "orrr"},
    KeyRow{"forward_stderr = \"none\"", "orrr"},
    KeyRow{"logs_store_min_level = \"off\"", "oonn"},
    KeyRow{"env_vars = []", "orrr"},
    KeyRow{"allowed_host = []", "orrr"},
    KeyRow{"blocking_strategy = \"await\"", "rnrr"},
    KeyRow{"lock_extension = true", "rnrr"},
    KeyRow{"lock_extension_leeway.seconds = 1", "rnrr"},
    KeyRow{"backtrace.sources = {}", "rorr"},
    KeyRow{"stub_wasi = true", "rorr"},
};

TEST(DeploymentFile, EveryKeyOfTheContractHasItsFate) {
  constexpr std::array<std::string_view, 4> sections{"activity_wasm", "workflow_wasm",
                                                     "activity_stub", "activity_external"};
  for (const KeyRow& row : key_rows) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
      const std::string text = "[[" + std::string(sections[i]) + "]]\nname = \"a\"\n" +
                               "location = \"a\"\n" + std::string(row.key) + "\n";
      const auto file = parse(text);
      const char fate = !file ? 'r' : file->notes.empty() ? 'o' : 'n';
      EXPECT_EQ(fate, row.fates[i]) << text << (file ? "" : file.error().reason);
    }
  }
}

struct Refused {
  std::string_view text;
  std::string_view reason;
};

constexpr std::array refused{
    Refused{
        "[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nmax_retry = 1\n",
        "d.toml:4:1: unknown key `max_retry` in [[activity_wasm]]; did you mean `max_retries`?"},
    Refused{"[[activity_wsm]]\n",
            "d.toml:1:3: unknown key `activity_wsm` in the deployment file; did you mean "
            "`activity_wasm`?"},
    Refused{"[[cron]]\nname = \"x\"\n",
            "d.toml:1:1: section `cron` is not supported in this version"},
    Refused{"[activity_wasm]\nname = \"x\"\n",
            "d.toml:1:1: `activity_wasm` of the deployment file must be an array, found a table"},
    Refused{"[[activity_wasm]]\nlocation = \"a\"\n", "d.toml:1:1: [[activity_wasm]] has no `name`"},
    Refused{"[[activity_wasm]]\nname = \"a\"\n", "d.toml:1:1: component `a` has no `location`"},
    Refused{"[[activity_wasm]]\nname = \"a b\"\nlocation = \"a\"\n",
            "d.toml:2:8: `name` must be 1 to 255 letters, digits, `_`, `.` or `-`, found "
            "\"a b\""},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"../a\"\n",
            "d.toml:3:12: `location` must be a path below the deployment file's folder, found "
            "\"../a\""},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nmax_retries = \"x\"\n",
            "d.toml:4:15: `max_retries` of [[activity_wasm]] must be an integer, found a string"},
    Refused{
        "[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nmax_retries = -1\n",
        "d.toml:4:15: `max_retries` of [[activity_wasm]] must lie between 0 and 4294967295, found "
        "-1"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nexec.lock_expiry.seconds = 0\n",
            "d.toml:4:6: `exec.lock_expiry` must be longer than 0"},
    Refused{
        "[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nenv_vars = [\"NOPE\"]\n",
        "d.toml:4:13: the environment variable NOPE of component `a` is not set; set it or give "
        "{key, value}"},
    Refused{"[[workflow_wasm]]\nname = \"a\"\nlocation = \"a\"\nenv_vars = []\n",
            "d.toml:4:1: unknown key `env_vars` in [[workflow_wasm]]"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\n[[activity_wasm]]\nname = "
            "\"a\"\nlocation = \"b\"\n",
            "d.toml:4:1: the component name `a` is used twice"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\n[[workflow_wasm]]\nname = "
            "\"a\"\nlocation = \"b\"\n",
            "d.toml:4:1: the component name `a` is used twice"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nexec.locking_strategy = \"auto\"\n",
            "d.toml:4:25: `exec.locking_strategy` = \"auto\" is for workflows only; an activity "
            "has no history to replay"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nretry_jitter = 2\n",
            "d.toml:4:16: `retry_jitter` of [[activity_wasm]] must be a number from 0 to 1"},
    Refused{"[[activity_wasm]]\nname = \"a\"\nlocation = \"a\"\nexec.instance_limiter = 0\n",
            "d.toml:4:25: `exec.instance_limiter` must be a positive integer or \"unlimited\""},
    Refused{"[[workflow_wasm]]\nname = \"a\"\nlocation = \"a\"\nexec.keepalive = true\n",
            "d.toml:4:6: unknown key `keepalive` in `exec` of [[workflow_wasm]]"},
    Refused{"[[activity_stub]]\nffqn = \"a:b/c.d\"\nreturn_type = \"result<u8, u8>\"\n",
            "d.toml:3:15: `return_type` must be `result` whose error is none, `string` or a "
            "variant with the case `execution-failed`, found \"result<u8, u8>\""},
    Refused{"[[activity_stub]]\nffqn = \"a:b/c.d\"\nlocation = \"x\"\n",
            "d.toml:3:12: `location` and `ffqn` exclude each other: a component is a file or one "
            "function written here"},
    Refused{"[[activity_stub]]\nffqn = \"a:b/c.d\"\nwit = \"x\"\nparams = []\n",
            "d.toml:4:10: `params` and `wit` exclude each other: the types come from one of them"},
    Refused{"[[activity_wasm]]\nffqn = \"a:b/c.d\"\nname = \"a\"\nlocation = \"x\"\n",
            "d.toml:2:1: unknown key `ffqn` in [[activity_wasm]]"},
};

TEST(DeploymentFile, RefusesWithLineColumnAndNearestKey) {
  for (const Refused& row : refused) {
    const auto file = parse(row.text);
    ASSERT_FALSE(file) << row.text;
    EXPECT_EQ(file.error().code, Code::invalid_argument);
    EXPECT_EQ(file.error().reason, row.reason);
  }
}

TEST(DeploymentFile, RefusesWhatIsNotToml) {
  for (const std::string_view text :
       {"[[", "a = ", "name = \"\xff\"", "= 1", "[[activity_wasm]]\nname"}) {
    const auto file = parse(text);
    ASSERT_FALSE(file) << text;
    EXPECT_TRUE(file.error().reason.starts_with("d.toml:")) << file.error().reason;
  }
}

TEST(Interpolate, KnowsDefaultsAndNesting) {
  EXPECT_EQ(*interpolate("a ${HOME_PAGE} $HOME_PAGE", variable), "a example.com $HOME_PAGE");
  EXPECT_EQ(*interpolate("${NOPE:-${EMPTY:-x}}", variable), "x");
  EXPECT_EQ(*interpolate("${EMPTY-x}|${NOPE-y}", variable), "|y");
  EXPECT_FALSE(interpolate("${NOPE}", variable));
  EXPECT_FALSE(interpolate("${NOPE:-x", variable));
  EXPECT_FALSE(interpolate(std::string(200, ' ').replace(0, 2, "${"), variable));
}

}  // namespace
}  // namespace stele::server
