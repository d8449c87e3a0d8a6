// SPDX-License-Identifier: Apache-2.0
#include "torture/recorder.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

namespace stele::torture {
namespace {

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000;
}

/// `GET /<token> HTTP/1.1…`
std::string token_of(const std::string& request) {
  const std::size_t begin = request.find('/');
  const std::size_t end = request.find(' ', begin);
  return request.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::string flow_of(const std::string& token) { return token.substr(0, token.find_first_of("/-")); }

Recorder::Recorder(std::uint64_t seed) : draw_(seed), stop_(eventfd(0, EFD_CLOEXEC)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&place);
  socklen_t size = sizeof place;
  CHECK(bind(listener_, generic, size) == 0 && listen(listener_, SOMAXCONN) == 0);
  CHECK(getsockname(listener_, generic, &size) == 0);
  address_ = fmt::format("127.0.0.1:{}", ntohs(place.sin_port));
  thread_ = std::thread([this] { serve(); });
}

Recorder::~Recorder() {
  const std::uint64_t one = 1;
  CHECK(write(stop_, &one, sizeof one) == sizeof one);
  thread_.join();
  for (const Caller& caller : callers_) close(caller.socket);
  close(listener_);
  close(stop_);
}

void Recorder::close_flow(const std::string& flow) {
  const Lock lock(mutex_);
  closed_.insert(flow);
}

Attempts Recorder::attempts_of(const std::string& flow) {
  const Lock lock(mutex_);
  const auto found = attempts_.find(flow);
  return found == attempts_.end() ? Attempts{} : found->second;
}

std::uint64_t Recorder::count() {
  const Lock lock(mutex_);
  return count_;
}

std::vector<std::string> Recorder::complaints() {
  const Lock lock(mutex_);
  return complaints_;
}

void Recorder::serve() {
  for (;;) {
    std::vector<pollfd> wanted{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Caller& caller : callers_) wanted.push_back({caller.socket, POLLIN, 0});
    poll(wanted.data(), wanted.size(), wait_ms());
    if (wanted[0].revents != 0) return;
    for (std::size_t i = callers_.size(); i-- > 0;) {
      if (wanted[i + 2].revents == 0 || hear(callers_[i])) continue;
      close(callers_[i].socket);
      callers_.erase(callers_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    accept_all();
    answer_due();
  }
}

void Recorder::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    callers_.push_back({.socket = socket, .received = {}});
  }
}

bool Recorder::hear(Caller& caller) {
  std::array<char, 4096> bytes{};
  const ssize_t got = recv(caller.socket, bytes.data(), bytes.size(), 0);
  if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
  caller.received.append(bytes.data(), static_cast<std::size_t>(got));
  if (caller.answer_ms == 0 && caller.received.find("\r\n\r\n") != std::string::npos)
    record(caller);
  return true;
}

void Recorder::record(Caller& caller) {
  const std::string token = token_of(caller.received);
  const std::string flow = flow_of(token);
  caller.status = 200 + static_cast<int>(draw_.below(300));
  // Most are answered at once, some later, few never: dropped, or after the attempt's time.
  const std::uint64_t mood = draw_.below(1'000);
  std::uint64_t delay_ms = 0;
  if (mood < 250) delay_ms = draw_.below(30);
  if (mood < 2) delay_ms = 3'000;
  const bool dropped = mood > 970;
  caller.answer_ms = now_ms() + static_cast<std::int64_t>(delay_ms) + (delay_ms == 0 ? 0 : 1);
  const Lock lock(mutex_);
  attempts_[flow][token].push_back(caller.status);
  ++count_;
  if (closed_.contains(flow)) complaints_.push_back("an attempt after the end was seen: " + token);
  if (dropped) caller.status = 0;
}

int Recorder::wait_ms() const {
  std::int64_t wait = 60'000;
  const std::int64_t now = now_ms();
  for (const Caller& caller : callers_) {
    if (caller.answer_ms != 0)
      wait = std::min(wait, std::max<std::int64_t>(caller.answer_ms - now, 0));
  }
  return static_cast<int>(wait);
}

void Recorder::answer_due() {
  const std::int64_t now = now_ms();
  std::erase_if(callers_, [&](const Caller& caller) {
    if (caller.answer_ms == 0 || caller.answer_ms > now) return false;
    const std::string answer = fmt::format(
        "HTTP/1.1 {} Seen\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", caller.status);
    if (caller.status != 0) (void)send(caller.socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(caller.socket);
    return true;
  });
}

}  // namespace stele::torture
