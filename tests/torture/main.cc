// SPDX-License-Identifier: Apache-2.0
// The clients of the torture: torture_client SEED WORKERS
//
// Prints {"recorder":"host:port"}, then obeys lines of its standard input and answers each of the
// last three with one line:
//   up ADDRESS   there is a server   down   there is none
//   settle       finish all that is open: {"open":0}
//   verify       compare the ledger, the attempts and the database: figures and complaints
//   stop
#include <fmt/format.h>
#include <cstdlib>

#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api/grpc/client.h"
#include "torture/worker.h"

namespace stele::torture {
namespace {

constexpr Duration settle_limit = seconds(120);
constexpr Duration verify_limit = seconds(600);
constexpr std::size_t complaints_max = 30;

class Clients {
 public:
  Clients(std::uint64_t seed, std::size_t count) : recorder_(seed) {
    for (std::size_t i = 0; i < count; ++i)
      workers_.push_back(std::make_unique<Worker>(stage_, recorder_, seed, i));
    for (const auto& worker : workers_)
      threads_.emplace_back([each = worker.get()] { each->run(); });
    say({{"recorder", recorder_.address()}});
  }

  /// False at the end.
  bool obey(const std::string& line) {
    if (line.starts_with("up ")) {
      address_ = line.substr(3);
      stage_.server_is(address_);
    } else if (line == "down") {
      stage_.server_is({});
    } else if (line == "settle") {
      settle();
    } else if (line == "verify") {
      verify();
    }
    return line != "stop";
  }

  void stop() {
    stage_.enter(Phase::stop);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  static void say(const nlohmann::json& json) { std::cout << json.dump() << std::endl; }

  void settle() {
    stage_.enter(Phase::settle);
    if (!stage_.wait_done(workers_.size(), settle_limit)) stage_.complain("not all has settled");
    say({{"open", 0}});
  }

  void verify() {
    verify_lists();
    stage_.enter(Phase::verify);
    if (!stage_.wait_done(workers_.size(), verify_limit))
      stage_.complain("verifying takes too long");
    nlohmann::json figures = nlohmann::json::object();
    std::size_t items = 0;
    for (const auto& worker : workers_) {
      items += worker->items().size();
      for (const auto& [name, value] : worker->figures().named())
        figures[name] = figures.value(name, std::uint64_t{0}) + value;
    }
    figures["executions"] = items;
    figures["attempts"] = recorder_.count();
    auto complaints = stage_.complaints();
    for (const std::string& each : recorder_.complaints()) complaints.push_back(each);
    const std::size_t all = complaints.size();
    if (all > complaints_max) complaints.resize(complaints_max);
    say({{"figures", figures}, {"complaints", complaints}, {"complaints_count", all}});
  }

  /// Nothing is there that nobody asked for, and nothing is unfinished.
  void verify_lists() {
    std::set<std::string> known;
    for (const auto& worker : workers_)
      for (const Item& item : worker->items()) known.insert(item.id);
    std::set<std::string> listed;
    list_all([&](const cli::Execution& each) {
      if (!listed.insert(each.id).second) stage_.complain("it is listed twice: " + each.id);
      const bool finished = each.state == "finished";
      if (!finished) stage_.complain("it has not finished: " + each.id + " " + each.state_json);
      if (each.id.find('.') != std::string::npos)
        stage_.add_child({each.id, each.ffqn, finished});
      else if (!known.contains(each.id))
        stage_.complain("nobody has submitted " + each.id);
    });
    for (const std::string& id : known)
      if (!listed.contains(id)) stage_.complain("it is not listed: " + id);
  }

  void list_all(const std::function<void(const cli::Execution&)>& take) {
    const auto client = api::connect_grpc(address_);
    cli::ListQuery query;
    query.derived = true;
    query.limit = 1'000;
    do {
      const auto page = (*client)->list(query);
      if (!page) return stage_.complain("the list cannot be read: " + page.error().reason);
      for (const cli::Execution& each : page->executions) take(each);
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
  }

  Stage stage_;
  Recorder recorder_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::string address_;
};

}  // namespace
}  // namespace stele::torture

int main(int count, char** values) {
  if (count != 3) {
    fmt::print(stderr, "usage: torture_client SEED WORKERS\n");
    return 2;
  }
  stele::torture::Clients clients(std::strtoull(values[1], nullptr, 10),
                                  std::strtoull(values[2], nullptr, 10));
  for (std::string line; std::getline(std::cin, line) && clients.obey(line);) {
  }
  clients.stop();
  return 0;
}
