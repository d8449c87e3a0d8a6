// SPDX-License-Identifier: Apache-2.0
// Owns: the place outside where activities record each attempt: an HTTP server that answers every
//   request with a status drawn anew.
// Life cycle: listens from construction to destruction. Thread: one of its own; calls from any.
// Must hold: an attempt is recorded before it is answered.
#pragma once

#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/prng.h"
#include "base/sync.h"

namespace stele::torture {

/// Statuses that were answered or would have been, by token; one for each attempt.
using Attempts = std::map<std::string, std::vector<int>>;

/// The flow that a token belongs to: what is before the first `/` or `-`.
std::string flow_of(const std::string& token);

class Recorder {
 public:
  explicit Recorder(std::uint64_t seed);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// host:port
  const std::string& address() const { return address_; }
  /// A client has seen the end of the flow: from now on an attempt of it is wrong.
  void close_flow(const std::string& flow);
  Attempts attempts_of(const std::string& flow);
  std::uint64_t count();
  /// Attempts of closed flows.
  std::vector<std::string> complaints();

 private:
  struct Caller {
    int socket = -1;
    std::string received;
    std::int64_t answer_ms = 0;  ///< when; 0: the request is not complete
    int status = 0;              ///< 0: none, the connection is dropped
  };
  void serve();
  void accept_all();
  /// False when the connection has ended.
  bool hear(Caller& caller);
  void record(Caller& caller);
  int wait_ms() const;
  void answer_due();

  Prng draw_;
  std::string address_;
  int listener_ = -1;
  int stop_ = -1;
  std::vector<Caller> callers_;

  Mutex mutex_;
  std::map<std::string, Attempts> attempts_;
  std::set<std::string> closed_;
  std::vector<std::string> complaints_;
  std::uint64_t count_ = 0;
  std::thread thread_;
};

}  // namespace stele::torture
