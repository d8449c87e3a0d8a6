// SPDX-License-Identifier: Apache-2.0
// An activity that calls its test over wasi:http.
#include "callers_cpp.h"
//
#include "stele/guest.h"

namespace exports::test::caller::caller {

namespace http = ::wasi::http;
using http::types::ErrorCode;

static std::unexpected<wit::string> refused(const ErrorCode& code) {
  const bool denied = std::holds_alternative<ErrorCode::HttpRequestDenied>(code.variants);
  return stele::error(denied ? "denied" : "not sent");
}

stele::Result<std::uint16_t> Get(wit::string authority, wit::string path) {
  http::types::OutgoingRequest request{http::types::Fields{}};
  (void)request.SetScheme(http::types::Scheme{http::types::Scheme::Http{}});
  (void)request.SetAuthority(authority.get_view());
  (void)request.SetPathWithQuery(path.get_view());
  auto sent = http::outgoing_handler::Handle(std::move(request), std::nullopt);
  if (!sent) return refused(sent.error());
  sent->Subscribe().Block();
  auto answer = sent->Get();
  if (!answer || !*answer) return stele::error("no answer");
  if (!**answer) return refused((**answer).error());
  return (**answer)->Status();
}

}  // namespace exports::test::caller::caller
