// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

namespace stele::cli {
namespace {

constexpr const char* default_address = "127.0.0.1:5005";

std::string without_scheme(std::string address) {
  constexpr std::string_view scheme = "http://";
  if (address.starts_with(scheme)) address.erase(0, scheme.size());
  if (address.ends_with('/')) address.pop_back();
  return address;
}

}  // namespace

const std::string& Session::address() {
  if (address_.empty()) address_ = ports_.environment("STELE_API_URL").value_or("");
  if (address_.empty()) address_ = default_address;
  address_ = without_scheme(std::move(address_));
  return address_;
}

void Session::add_client_options(CLI::App& command) {
  command.add_option("-a,--api-url", address_,
                     "Server to talk to; else $STELE_API_URL, else 127.0.0.1:5005");
  add_json_option(command);
}

void Session::add_json_option(CLI::App& command) {
  command.add_flag("-j,--json", json_, "Print JSON");
}

void Session::on(CLI::App& command, std::function<int(Session&)> action) {
  command.callback([this, action = std::move(action)] { action_ = action; });
}

void Session::on_server(CLI::App& command, std::function<int(Session&, ApiClient&)> action) {
  on(command, [action = std::move(action)](Session& session) {
    auto client = session.ports().connect(session.address());
    if (!client) return session.console().fail(client.error());
    return action(session, **client);
  });
}

void Session::set_separate_words(std::vector<std::string> words) {
  separate_words_ = std::move(words);
  has_separate_words_ = true;
}

}  // namespace stele::cli
