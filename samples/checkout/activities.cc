// SPDX-License-Identifier: Apache-2.0
// The outside world of the shop: each function is an activity, may be tried again, and answers the
// same for the same parameters. A real shop would call its services here.
#include <chrono>

#include "activities_cpp.h"
//
#include "stele/guest.h"

namespace {

using Error = ::sample::checkout::types::CheckoutError;

constexpr std::uint64_t gateway_busy_ms = 700;

std::unexpected<Error> refuse_for_good(const std::string& why) {
  return std::unexpected(Error{Error::PermanentRefusal{stele::text(why)}});
}

std::unexpected<Error> try_again(const std::string& why) {
  return std::unexpected(Error{Error::Busy{stele::text(why)}});
}

template <typename... Pieces>
void log(const Pieces&... pieces) {
  ::obelisk::log::log::Info(stele::join(pieces...));
}

std::uint64_t clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

namespace exports::sample::checkout::inventory {

std::expected<void, CheckoutError> Check(Item item) {
  log("check stock of ", item.sku);
  if (item.quantity == 0) return refuse_for_good(stele::join("nothing ordered of ", item.sku));
  return {};
}

std::expected<wit::string, CheckoutError> Reserve(wit::string order_id, Item item) {
  log("reserve ", item.quantity, " of ", item.sku);
  return stele::text(stele::join("R-", order_id, "-", item.sku));
}

}  // namespace exports::sample::checkout::inventory

namespace exports::sample::checkout::payment {

std::expected<wit::string, CheckoutError> Authorize(wit::string order_id,
                                                    std::uint64_t amount_cents,
                                                    std::uint64_t placed_at_ms) {
  if (clock_ms() < placed_at_ms + gateway_busy_ms) {
    log("gateway is busy");
    return try_again("the payment gateway is busy");
  }
  log("authorize ", amount_cents, " cents");
  return stele::text(stele::join("A-", order_id, "-", amount_cents));
}

std::expected<void, CheckoutError> Capture(wit::string authorization) {
  log("capture ", authorization);
  return {};
}

}  // namespace exports::sample::checkout::payment

namespace exports::sample::checkout::fulfilment {

std::expected<wit::string, CheckoutError> Pack(wit::string order_id,
                                               wit::vector<wit::string> reservations) {
  log("pack ", reservations.size(), " reservations");
  return stele::text(stele::join("P-", order_id));
}

std::expected<wit::string, CheckoutError> Invoice(wit::string order_id,
                                                  std::uint64_t amount_cents) {
  log("invoice over ", amount_cents, " cents");
  return stele::text(stele::join("I-", order_id));
}

std::expected<std::uint64_t, CheckoutError> Points(wit::string email, std::uint64_t amount_cents) {
  log("credit points of ", email);
  return amount_cents / 100;
}

std::expected<void, CheckoutError> Notify(wit::string email, wit::string message) {
  log("mail to ", email, ": ", message);
  return {};
}

}  // namespace exports::sample::checkout::fulfilment
