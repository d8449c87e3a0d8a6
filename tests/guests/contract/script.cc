// SPDX-License-Identifier: Apache-2.0
#include "script.h"

namespace script {
namespace {

template <typename Case, typename Variant>
bool is(const Variant& value) {
  return std::holds_alternative<Case>(value.variants);
}

std::string name_of(const execution::Function& function) {
  return stele::join(function.interface_name, ".", function.function_name);
}

}  // namespace

std::string show(const execution::ExecutionId& id) { return local(id.id.get_view()); }
std::string show(const execution::DelayId& id) { return local(id.id.get_view()); }

std::string show(const execution::ResponseId& id) {
  if (const auto* child = std::get_if<execution::ResponseId::ExecutionId>(&id.variants))
    return show(child->value);
  return show(std::get<execution::ResponseId::DelayId>(id.variants).value);
}

std::string show(const execution::FunctionMismatch& mismatch) {
  const std::string actual =
      mismatch.actual_function ? name_of(*mismatch.actual_function) : std::string("a delay");
  return stele::join("mismatch: ", name_of(mismatch.specified_function), " but ", actual, " of ",
                     show(mismatch.actual_id));
}

std::string show(execution::ExecutionFailureKind kind) {
  constexpr const char* names[] = {"timed-out", "nondeterminism-detected", "out-of-fuel",
                                   "cancelled", "uncategorized"};
  return names[static_cast<std::size_t>(kind)];
}

std::string show(const execution::AwaitNextExtensionError& error) {
  using Error = execution::AwaitNextExtensionError;
  if (is<Error::AllProcessed>(error)) return "all-processed";
  return show(std::get<Error::FunctionMismatch>(error.variants).value);
}

std::string show(const execution::GetExtensionError& error) {
  using Error = execution::GetExtensionError;
  if (is<Error::NotFoundInProcessedResponses>(error)) return "not-found-in-processed-responses";
  return show(std::get<Error::FunctionMismatch>(error.variants).value);
}

std::string show(const execution::StubError& error) {
  using Error = execution::StubError;
  if (is<Error::ExecutionNotFound>(error)) return "execution-not-found";
  if (is<Error::Conflict>(error)) return "conflict";
  return "type-check-error: " + show(std::get<Error::TypeCheckError>(error.variants).value);
}

std::string show(const execution::ScheduleJsonError& error) {
  using Error = execution::ScheduleJsonError;
  if (is<Error::FunctionNotFound>(error)) return "function-not-found";
  if (const auto* name = std::get_if<Error::FfqnParsingError>(&error.variants))
    return "ffqn-parsing-error: " + show(name->value);
  return "type-check-error: " + show(std::get<Error::TypeCheckError>(error.variants).value);
}

std::string show(const support::JoinSetCreateError& error) {
  using Error = support::JoinSetCreateError;
  if (is<Error::Conflict>(error)) return "conflict";
  return "invalid-name: " + show(std::get<Error::InvalidName>(error.variants).value);
}

std::string show(const support::GetResultJsonError& error) {
  using Error = support::GetResultJsonError;
  if (is<Error::NotFoundInProcessedResponses>(error)) return "not-found-in-processed-responses";
  return "execution-id-parsing-error: " +
         show(std::get<Error::ExecutionIdParsingError>(error.variants).value);
}

std::string show(const support::SubmitJsonError& error) {
  using Error = support::SubmitJsonError;
  if (is<Error::FunctionNotFound>(error)) return "function-not-found";
  if (const auto* name = std::get_if<Error::FfqnParsingError>(&error.variants))
    return "ffqn-parsing-error: " + show(name->value);
  return "type-check-error: " + show(std::get<Error::TypeCheckError>(error.variants).value);
}

std::string show(const support::JoinNextError&) { return "all-processed"; }

std::string show(const support::JoinNextTryError& error) {
  return is<support::JoinNextTryError::Pending>(error) ? "pending" : "all-processed";
}

std::string show(const support::StubJsonError& error) {
  using Error = support::StubJsonError;
  if (is<Error::ExecutionNotFound>(error)) return "execution-not-found";
  if (is<Error::Conflict>(error)) return "conflict";
  if (const auto* id = std::get_if<Error::ExecutionIdParsingError>(&error.variants))
    return "execution-id-parsing-error: " + show(id->value);
  return "type-check-error: " + show(std::get<Error::TypeCheckError>(error.variants).value);
}

std::string show(const types::Failure& failure) {
  using Error = types::Failure;
  if (is<Error::ExecutionFailed>(failure)) return "execution-failed";
  if (const auto* why = std::get_if<Error::PermanentRefusal>(&failure.variants))
    return "permanent-refusal: " + show(why->value);
  return "busy: " + show(std::get<Error::Busy>(failure.variants).value);
}

std::string show(const types::Small& small) {
  return stele::join(small.size, "/", show(small.long_name));
}

std::string show(const ::obelisk::types::join_set::JoinSet& set) { return show(set.Id()); }

std::string show(const Last& last) { return "last " + show(last.set.LastId()); }
std::string show(LastOneoff) { return show(support::LastOneoffId()); }
std::string show(LastCall) { return show(support::LastDirectCallId()); }

std::string show(const ::obelisk::types::time::Datetime& at) {
  return stele::join(at.seconds, " s ", at.nanoseconds, " ns");
}

}  // namespace script
