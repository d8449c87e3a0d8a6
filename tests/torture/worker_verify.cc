// SPDX-License-Identifier: Apache-2.0
// The ledger, the attempts and the database must agree.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "torture/worker.h"

namespace stele::torture {
namespace {

/// `<name>/<step>/<seen>` without what was seen; digits of a name's end are what was seen, too.
std::string place_of(const std::string& token) {
  const std::size_t slash = token.find('/');
  const std::size_t second = token.find('/', slash + 1);
  std::string name = token.substr(0, slash);
  if (const std::size_t dash = name.find('-'); dash != std::string::npos)
    name = name.substr(0, dash + 1) + name.back();
  return name + token.substr(slash, second - slash);
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

/// The text of an ok result, without quotes.
std::string ok_text(const std::string& result) {
  const auto json = nlohmann::json::parse(result.substr(3), nullptr, false);
  return json.is_string() ? json.get<std::string>() : json.dump();
}

bool answered(const Attempts& attempts, const std::string& token, const std::string& status) {
  const auto found = attempts.find(token);
  return found != attempts.end() && std::ranges::any_of(found->second, [&](int each) {
           return std::to_string(each) == status;
         });
}

}  // namespace

bool Worker::verify(Item& item) {
  const auto seen = client_->get(item.id);
  if (!seen) {
    if (is_unknown(seen.error(), item, "reading it")) return false;
    return true;
  }
  if (seen->state != "finished")
    complain(item, "it has not finished: " + seen->state_json);
  else
    finished(item, *seen);
  const Attempts attempts = recorder_.attempts_of(item.flow);
  verify_tokens(item, attempts);
  if (item.result.starts_with("ok ")) verify_steps(item, attempts);
  if (item.kind == Kind::attempt) return true;
  return verify_replay(item) && verify_children(item);
}

/// A step has one token: it began only after all that its token holds was stored.
void Worker::verify_tokens(const Item& item, const Attempts& attempts) {
  std::map<std::string, std::string> first;
  for (const auto& [token, statuses] : attempts) {
    const auto [place, fresh] = first.emplace(place_of(token), token);
    if (!fresh)
      complain(item, fmt::format("one step had two requests: {} and {}", place->second, token));
  }
}

/// Each step saw a status that was answered to its own token.
void Worker::verify_steps(const Item& item, const Attempts& attempts) {
  const auto miss = [&](const std::string& token, const std::string& status) {
    if (!answered(attempts, token, status))
      complain(item, fmt::format("{} was never answered {}", token, status));
  };
  const std::vector<std::string> seen = words(ok_text(item.result));
  if (item.kind == Kind::attempt) return miss(item.flow + "/0/", seen.at(0));
  if (item.kind == Kind::chain || item.kind == Kind::cancellable || item.kind == Kind::gate) {
    std::string before = item.kind == Kind::gate ? seen.at(0) : "";
    std::size_t step = 0;
    for (std::size_t i = item.kind == Kind::gate ? 1 : 0; i < seen.size(); ++i) {
      miss(fmt::format("{}/{}/{}", item.flow, step++, before), seen[i]);
      before = seen[i];
    }
  }
  if (item.kind == Kind::gate && item.value_given && *item.value_given != seen.at(0))
    complain(item, fmt::format("it was given {} and saw {}", *item.value_given, seen.at(0)));
  if (item.kind == Kind::gate &&
      std::ranges::find(item.values_tried, seen.at(0)) == item.values_tried.end())
    complain(item, "it saw a value that nobody gave: " + seen.at(0));
  if (item.kind != Kind::fan) return;
  std::uint64_t order = 0;
  for (std::size_t i = 0; i + 1 < seen.size(); ++i) order = order * 31 + std::stoull(seen[i]);
  miss(fmt::format("{}/{}/{}", item.flow, seen.size() - 1, order), seen.back());
}

bool Worker::verify_replay(const Item& item) {
  const auto replayed = client_->replay(item.id);
  if (!replayed) return !is_unknown(replayed.error(), item, "replaying it");
  ++figures_.replays;
  if (!replayed->equal) complain(item, "its replay differs:\n" + replayed->difference);
  if (replayed->captured_count > 0) complain(item, "its replay goes on beyond its end");
  return true;
}

/// Every attempt was of a request that is stored; every child has finished, with a status that was
/// answered to it.
bool Worker::verify_children(const Item& item) {
  const Attempts attempts = recorder_.attempts_of(item.flow);
  std::set<std::string> stored;
  for (const Child& each : stage_.children_of(item.id)) {
    if (!each.finished) complain(item, "a child has not finished: " + each.id);
    if (each.ffqn != "test:torture/work@1.0.0.attempt") continue;
    const auto child = client_->get(each.id);
    if (!child) return !is_unknown(child.error(), item, "reading a child");
    ++figures_.children;
    const auto params = nlohmann::json::parse(child->params, nullptr, false);
    const std::string token = params.at(1).get<std::string>();
    if (!stored.insert(token).second) complain(item, "two children have the request " + token);
    const bool ok = child->result && child->result->kind == cli::ResultKind::ok;
    if (ok && !answered(attempts, token, child->result->json))
      complain(item, fmt::format("{} was never answered {}", token, child->result->json));
    if (!ok && !item.cancel_tried) complain(item, "a child has failed: " + each.id);
  }
  if (item.kind == Kind::later) return true;
  for (const auto& [token, statuses] : attempts) {
    if (!stored.contains(token)) complain(item, "an attempt of what is not stored: " + token);
  }
  return true;
}

}  // namespace stele::torture
