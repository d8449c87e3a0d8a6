// SPDX-License-Identifier: Apache-2.0
#include "cli/follow.h"

#include <fmt/format.h>
#include <poll.h>

#include "cli/json_out.h"

namespace stele::cli {
namespace {

constexpr int reconnect_pause_ms = 300;
constexpr int reconnects_max = 200;

/// Says what matters of an update to people; empty for what they need not see.
std::string progress_text(const Console& console, const Update& update) {
  const Item& item = update.item;
  if (item.kind == "join_set_create" || item.kind == "join_next") return "";
  const std::string time = console.paint(Colour::dim, to_rfc3339(item.at));
  if (update.kind == Update::Kind::response) {
    return fmt::format("{}  {}  {}", time, console.paint(Colour::green, "done     "), item.summary);
  }
  if (item.kind == "join_set_request") {
    return fmt::format("{}  {}  {}", time, console.paint(Colour::blue, "requested"), item.summary);
  }
  const bool trouble =
      item.kind.starts_with("temporarily") || item.kind == "cancellation_requested";
  const std::string kind =
      console.paint(trouble ? Colour::yellow : Colour::plain, fmt::format("{:<9}", item.kind));
  return fmt::format("{}  {}  {}", time, kind, item.summary);
}

class Follower {
 public:
  Follower(Session& session, const FollowOptions& options) : session_(session), options_(options) {}

  int run(ApiClient& client) {
    for (int tries = 0; tries < reconnects_max; ++tries) {
      const auto ended =
          client.follow(options_.id, position_, [&](const Update& update) { take(update, tries); });
      if (finished_) return result();
      if (ended) return session_.console().fail(error(Code::unavailable, "the server is stopping"));
      const bool again = ended.error().code == Code::unavailable && options_.reconnect &&
                         (position_ > 0 || tries > 0 || seen_);
      if (!again) return session_.console().fail(ended.error());
      if (tries == 0) session_.console().notice("The connection is lost; trying again …");
      ::poll(nullptr, 0, reconnect_pause_ms);
    }
    return session_.console().fail(
        error(Code::unavailable, "the server did not come back", session_.address()));
  }

 private:
  void take(const Update& update, int& tries) {
    if (tries > 0) session_.console().notice("Connected again.");
    tries = 0;
    seen_ = true;
    const bool repeated = update.kind == Update::Kind::event && update.item.number == 0;
    if (repeated && created_) return;
    created_ = created_ || repeated;
    position_ = update.next_position;
    if (update.kind == Update::Kind::finished) {
      finished_ = update.finished;
      return;
    }
    if (options_.quiet) return;
    const std::string text =
        session_.json() ? update.item.json : progress_text(session_.console(), update);
    if (text.empty() || update.item.kind == "finished") return;
    session_.console().line(text);
    session_.console().flush();
  }

  int result() {
    if (session_.json()) {
      session_.console().line(to_json(*finished_));
      return number(is_ok() ? Exit::ok : Exit::execution_failed);
    }
    const Console& console = session_.console();
    const Duration took = finished_->finished - finished_->created;
    if (finished_->result) {
      console.line(
          console.paint(is_ok() ? Colour::green : Colour::red, result_text(*finished_->result)));
    }
    console.line(fmt::format("Execution took {}.", duration_text(took)));
    return number(is_ok() ? Exit::ok : Exit::execution_failed);
  }

  bool is_ok() const { return finished_->result && finished_->result->kind == ResultKind::ok; }

  Session& session_;
  const FollowOptions& options_;
  std::uint32_t position_ = 0;
  bool seen_ = false;
  bool created_ = false;
  std::optional<Execution> finished_;
};

}  // namespace

int follow(Session& session, ApiClient& client, const FollowOptions& options) {
  return Follower(session, options).run(client);
}

int show(const Session& session, const Execution& execution) {
  const Console& console = session.console();
  const bool failed = execution.result && execution.result->kind != ResultKind::ok;
  const int code = number(failed ? Exit::execution_failed : Exit::ok);
  if (session.json()) {
    console.line(to_json(execution));
    return code;
  }
  console.line(console.paint(Colour::bold, execution.id));
  console.line("function   " + execution.ffqn);
  console.line("params     " + execution.params);
  console.line("state      " + state_text(execution));
  if (execution.attempts > 0) console.line(fmt::format("failures   {}", execution.attempts));
  if (!execution.stuck.empty()) console.line("stuck      " + execution.stuck);
  console.line("created    " + to_rfc3339(execution.created));
  if (!execution.result) return code;
  console.line(fmt::format("finished   {} (took {})", to_rfc3339(execution.finished),
                           duration_text(execution.finished - execution.created)));
  console.line("result     " + result_text(*execution.result));
  return code;
}

}  // namespace stele::cli
