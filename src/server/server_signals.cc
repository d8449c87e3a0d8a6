// SPDX-License-Identifier: Apache-2.0
#include "server/server_signals.h"

#include <unistd.h>
#include <csignal>

namespace stele::server {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

constexpr int too_slow = 5;

extern "C" void end_unfinished(int /*number*/) { ::_exit(too_slow); }
extern "C" void end_at_once(int number) { ::_exit(128 + number); }

}  // namespace

void take_signals() {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string wait_for_stop() {
  const sigset_t set = stop_signals();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  struct sigaction end = {};
  end.sa_handler = end_at_once;
  sigaction(SIGTERM, &end, nullptr);
  sigaction(SIGINT, &end, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return number == SIGINT ? "SIGINT" : "SIGTERM";
}

void limit_stop(unsigned seconds) {
  struct sigaction end = {};
  end.sa_handler = end_unfinished;
  sigaction(SIGALRM, &end, nullptr);
  ::alarm(seconds);
}

}  // namespace stele::server
