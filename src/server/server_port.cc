// SPDX-License-Identifier: Apache-2.0
#include "server/server_port.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace stele::server {
namespace {

std::string bare_host(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

Result<void> try_bind(const addrinfo& info, const std::string& address) {
  const int descriptor = ::socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return {};  // the server itself will say what is wrong
  const int yes = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int bound = ::bind(descriptor, info.ai_addr, info.ai_addrlen);
  const int listening = bound == 0 ? ::listen(descriptor, 1) : bound;
  const int cause = errno;
  ::close(descriptor);
  if (listening == 0) return {};
  const char* advice = cause == EADDRINUSE ? "; another program listens there, choose another "
                                             "port with --listen"
                                           : "";
  return fail(Code::unavailable,
              fmt::format("cannot listen on {}: {}{}", address, std::strerror(cause), advice),
              address);
}

}  // namespace

Result<void> check_port_free(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(bare_host(address.substr(0, colon)).c_str(),
                                   address.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0) {
    return fail(Code::unavailable,
                fmt::format("cannot listen on {}: {}", address, ::gai_strerror(failed)), address);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  return try_bind(*found, address);
}

}  // namespace stele::server
