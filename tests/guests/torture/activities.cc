// SPDX-License-Identifier: Apache-2.0
#include "attempts_cpp.h"
//
#include "stele/guest.h"

namespace exports::test::torture::work {

namespace http = ::wasi::http;

stele::Result<std::uint16_t> Attempt(wit::string recorder, wit::string token) {
  http::types::OutgoingRequest request{http::types::Fields{}};
  (void)request.SetScheme(http::types::Scheme{http::types::Scheme::Http{}});
  (void)request.SetAuthority(recorder.get_view());
  (void)request.SetPathWithQuery(stele::join("/", token));
  auto sent = http::outgoing_handler::Handle(std::move(request), std::nullopt);
  if (!sent) return stele::error("not sent");
  sent->Subscribe().Block();
  auto answer = sent->Get();
  if (!answer || !*answer || !**answer) return stele::error("no answer");
  return (**answer)->Status();
}

}  // namespace exports::test::torture::work
