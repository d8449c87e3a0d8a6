// SPDX-License-Identifier: Apache-2.0
#include "bench/flows.h"

#include <grpcpp/grpcpp.h>
#include <stele/v1/execution.grpc.pb.h>

#include <fstream>
#include <memory>
#include <optional>

namespace stele::bench {
namespace {

using Stub = v1::ExecutionService::Stub;
constexpr double connect_seconds = 10;
constexpr double answer_seconds = 600;

gpr_timespec after(double seconds) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(static_cast<std::int64_t>(seconds * 1e6), GPR_TIMESPAN));
}

/// One execution from its submission to its end; used again for the next one.
class Flow {
 public:
  enum class Stage : std::uint8_t { idle, submitting, waiting };

  void submit(Stub& stub, grpc::CompletionQueue& queue, const v1::SubmitRequest& request) {
    stage = Stage::submitting;
    begun = monotonic_seconds();
    context.emplace();
    const auto reader = stub.AsyncSubmit(&*context, request, &queue);
    reader->Finish(&submitted, &status, this);
  }
  void wait(Stub& stub, grpc::CompletionQueue& queue) {
    stage = Stage::waiting;
    v1::WaitRequest request;
    request.set_execution_id(submitted.execution_id());
    context.emplace();
    const auto reader = stub.AsyncWait(&*context, request, &queue);
    reader->Finish(&ended, &status, this);
  }
  bool has_retry_after() const {
    for (const auto& [key, value] : context->GetServerTrailingMetadata())
      if (std::string_view(key.data(), key.size()).find("retry") != std::string_view::npos)
        return true;
    return false;
  }

  Stage stage = Stage::idle;
  double begun = 0;
  std::optional<grpc::ClientContext> context;
  grpc::Status status;
  v1::SubmitResponse submitted;
  v1::WaitResponse ended;
};

class Driver {
 public:
  explicit Driver(const FlowPlan& plan)
      : plan_(plan), flows_(std::max<std::uint64_t>(1, plan.in_flight)) {
    request_.set_ffqn(plan.ffqn);
    request_.set_params_json(plan.params);
    request_.set_requester("bench");
    for (Flow& flow : flows_) free_.push_back(&flow);
  }
  ~Driver() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  Result<FlowReport> run() {
    TRY(open());
    start_ = monotonic_seconds();
    while (turn()) {
    }
    report_.seconds = last_end_ - start_;
    return std::move(report_);
  }

 private:
  Result<void> open() {
    if (!plan_.ids_path.empty()) {
      ids_.open(plan_.ids_path);
      if (!ids_) return fail(Code::invalid_argument, "cannot be written", plan_.ids_path);
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    const auto channel =
        grpc::CreateCustomChannel(plan_.address, grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(after(connect_seconds)))
      return fail(Code::unavailable, "no server answers", plan_.address);
    stub_ = v1::ExecutionService::NewStub(channel);
    return {};
  }

  /// False once everything has ended.
  bool turn() {
    begin_due();
    if (free_.size() == flows_.size() && !wants_more()) return false;
    void* tag = nullptr;
    bool ok = false;
    const double pause = std::min(until_next(), answer_seconds);
    const auto got = queue_.AsyncNext(&tag, &ok, after(pause));
    if (got == grpc::CompletionQueue::GOT_EVENT) completed(*static_cast<Flow*>(tag));
    return got != grpc::CompletionQueue::SHUTDOWN;
  }

  bool wants_more() const {
    if (plan_.total != 0 && report_.begun >= plan_.total) return false;
    return plan_.seconds == 0 || monotonic_seconds() - start_ < plan_.seconds;
  }
  double due() const {
    return plan_.rate == 0 ? start_ : start_ + static_cast<double>(report_.begun) / plan_.rate;
  }
  double until_next() const {
    if (free_.empty() || plan_.rate == 0 || !wants_more()) return answer_seconds;
    return std::max(0.0, due() - monotonic_seconds());
  }

  void begin_due() {
    while (!free_.empty() && wants_more() && monotonic_seconds() >= due()) {
      Flow* const flow = free_.back();
      free_.pop_back();
      ++report_.begun;
      flow->submit(*stub_, queue_, request_);
    }
  }

  void completed(Flow& flow) {
    if (flow.stage == Flow::Stage::submitting && flow.status.ok()) {
      if (ids_.is_open()) ids_ << flow.submitted.execution_id() << '\n';
      if (plan_.wait) return flow.wait(*stub_, queue_);
    }
    last_end_ = monotonic_seconds();
    count(flow);
    flow.stage = Flow::Stage::idle;
    free_.push_back(&flow);
  }

  void count(const Flow& flow) {
    if (flow.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
      ++report_.refused;
      if (flow.has_retry_after()) ++report_.refused_with_retry;
      return;
    }
    const bool ended = flow.stage == Flow::Stage::waiting;
    const bool good = flow.status.ok() && (!ended || flow.ended.execution().result().has_ok_json());
    if (good) {
      ++report_.done;
      return report_.times.add(last_end_ - flow.begun);
    }
    ++report_.failed;
    if (!report_.first_error.empty()) return;
    report_.first_error =
        flow.status.ok() ? "it ended without an ok value" : flow.status.error_message();
  }

  const FlowPlan& plan_;
  std::unique_ptr<Stub> stub_;
  grpc::CompletionQueue queue_;
  v1::SubmitRequest request_;
  std::vector<Flow> flows_;
  std::vector<Flow*> free_;
  std::ofstream ids_;
  double start_ = 0;
  double last_end_ = 0;
  FlowReport report_;
};

}  // namespace

Result<FlowReport> run_flows(const FlowPlan& plan) { return Driver(plan).run(); }

}  // namespace stele::bench
