// SPDX-License-Identifier: Apache-2.0
// The order workflow: ordinary code whose every call to the outside is durable. Kill the server
// anywhere in it: what was done is not done again, and it goes on where it stopped.
#include <algorithm>

#include "workflow_cpp.h"
//
#include "stele/workflow.h"

namespace {

namespace checkout = ::sample::checkout;
namespace ext = ::sample::checkout_obelisk_ext::inventory;
using checkout::types::CheckoutError;
using checkout::types::Item;
using checkout::types::Order;
using checkout::types::Receipt;

template <typename T>
using Step = std::expected<T, CheckoutError>;

std::uint64_t total_of(const Order& order) {
  std::uint64_t total = 0;
  for (const Item& item : stele::each(order.items)) total += item.quantity * item.price_cents;
  return total;
}

/// Reserves all items at the same time.
Step<std::vector<wit::string>> reserve_all(const Order& order) {
  stele::JoinSet reservations = stele::join_set();
  for (const Item& item : stele::each(order.items))
    ext::ReserveSubmit(reservations, order.id.get_view(), item);
  std::vector<wit::string> reserved;
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    auto next = ext::ReserveAwaitNext(reservations);
    if (!next) return std::unexpected(CheckoutError{CheckoutError::ExecutionFailed{}});
    if (!*next) return std::unexpected(std::move(next->error()));
    reserved.push_back(std::move(**next));
  }
  std::ranges::sort(reserved, {}, &wit::string::get_view);
  return reserved;
}

/// Calls that need nothing of each other are still one after another here; each is one durable
/// step.
Step<Receipt> fulfil(const Order& order, std::uint64_t total, wit::string authorization,
                     std::vector<wit::string> reserved) {
  std::vector<std::string_view> reservations;
  for (const wit::string& reservation : reserved) reservations.push_back(reservation.get_view());
  auto parcel = checkout::fulfilment::Pack(order.id.get_view(), reservations);
  if (!parcel) return std::unexpected(std::move(parcel.error()));
  auto invoice = checkout::fulfilment::Invoice(order.id.get_view(), total);
  if (!invoice) return std::unexpected(std::move(invoice.error()));
  auto points = checkout::fulfilment::Points(order.email.get_view(), total);
  if (!points) return std::unexpected(std::move(points.error()));
  const std::string message = stele::join("order ", order.id, " is on its way as ", *parcel);
  if (auto mailed = checkout::fulfilment::Notify(order.email.get_view(), message); !mailed)
    return std::unexpected(std::move(mailed.error()));
  return Receipt{stele::text(order.id.get_view()),
                 total,
                 std::move(authorization),
                 stele::list(std::move(reserved)),
                 std::move(*parcel),
                 std::move(*invoice),
                 *points};
}

}  // namespace

namespace exports::sample::checkout::shop {

Step<Receipt> PlaceOrder(Order order) {
  const std::uint64_t placed_at_ms = stele::now_ms();
  for (const Item& item : stele::each(order.items))
    if (auto checked = ::sample::checkout::inventory::Check(item); !checked)
      return std::unexpected(std::move(checked.error()));
  auto reserved = reserve_all(order);
  if (!reserved) return std::unexpected(std::move(reserved.error()));

  const std::uint64_t total = total_of(order);
  auto authorization =
      ::sample::checkout::payment::Authorize(order.id.get_view(), total, placed_at_ms);
  if (!authorization) return std::unexpected(std::move(authorization.error()));
  ::obelisk::log::log::Info(stele::join("order ", order.id, " is authorized; cooling off"));

  stele::sleep(stele::in_milliseconds(order.cooling_off_ms), "cooling-off");

  if (auto captured = ::sample::checkout::payment::Capture(authorization->get_view()); !captured)
    return std::unexpected(std::move(captured.error()));
  return fulfil(order, total, std::move(*authorization), std::move(*reserved));
}

}  // namespace exports::sample::checkout::shop
