// SPDX-License-Identifier: Apache-2.0
#include "bench/flows.h"

#include <grpcpp/grpcpp.h>
#include <stele/v1/execution.grpc.pb.h>

#include <fstream>
#include <memory>
#include <optional>
#include <queue>
#include <thread>

namespace stele::bench {
namespace {

using Stub = v1::ExecutionService::Stub;
constexpr double connect_seconds = 10;
constexpr double answer_seconds = 600;

gpr_timespec after(double seconds) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(static_cast<std::int64_t>(seconds * 1e6), GPR_TIMESPAN));
}

/// One execution from its submission to its answer; used again for the next one.
class Flow {
 public:
  /// Answered once it is stored.
  void submit(Stub& stub, grpc::CompletionQueue& queue, const v1::SubmitRequest& request) {
    context.emplace();
    const auto reader = stub.AsyncSubmit(&*context, request, &queue);
    reader->Finish(&submitted, &status, this);
  }
  /// Answered once it has ended.
  void run(Stub& stub, grpc::CompletionQueue& queue, const v1::SubmitRequest& request) {
    context.emplace();
    const auto reader = stub.AsyncRun(&*context, request, &queue);
    reader->Finish(&ended, &status, this);
  }
  /// Seconds after which a refused one is to be tried again; empty if the server does not say.
  std::optional<double> retry_after() const {
    const auto& trailer = context->GetServerTrailingMetadata();
    const auto found = trailer.find("grpc-retry-pushback-ms");
    if (found == trailer.end()) return std::nullopt;
    return std::stod(std::string(found->second.data(), found->second.size())) / 1e3;
  }

  double begun = 0;
  double again_at = 0;  ///< it was refused
  std::optional<grpc::ClientContext> context;
  grpc::Status status;
  v1::SubmitResponse submitted;
  v1::WaitResponse ended;
};

struct Later {
  bool operator()(const Flow* a, const Flow* b) const { return a->again_at > b->again_at; }
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
    if (free_.size() == flows_.size() && !wants_more() && refused_.empty()) return false;
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
    double at = refused_.empty() ? answer_seconds : refused_.top()->again_at - monotonic_seconds();
    if (!free_.empty() && plan_.rate != 0 && wants_more())
      at = std::min(at, due() - monotonic_seconds());
    return std::max(0.0, at);
  }

  void begin_due() {
    while (!refused_.empty() && monotonic_seconds() >= refused_.top()->again_at) {
      Flow* const flow = refused_.top();
      refused_.pop();
      send(*flow);
    }
    while (!free_.empty() && wants_more() && monotonic_seconds() >= due()) {
      Flow* const flow = free_.back();
      free_.pop_back();
      ++report_.begun;
      flow->begun = monotonic_seconds();
      send(*flow);
    }
  }

  void send(Flow& flow) {
    if (plan_.wait) return flow.run(*stub_, queue_, request_);
    flow.submit(*stub_, queue_, request_);
  }

  /// Who is refused comes back when it was told to, unless the rate is given: then it is lost.
  void completed(Flow& flow) {
    const bool refused = flow.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    const std::optional<double> after = refused ? flow.retry_after() : std::nullopt;
    if (after) ++report_.refused_with_retry;
    if (after && plan_.rate == 0) {
      ++report_.tried_again;
      flow.again_at = monotonic_seconds() + *after;
      return refused_.push(&flow);
    }
    last_end_ = monotonic_seconds();
    count(flow, refused);
    free_.push_back(&flow);
  }

  void count(const Flow& flow, bool refused) {
    if (refused) {
      ++report_.refused;
      return;
    }
    const bool good =
        flow.status.ok() && (!plan_.wait || flow.ended.execution().result().has_ok_json());
    if (good && ids_.is_open()) {
      ids_ << (plan_.wait ? flow.ended.execution().execution_id() : flow.submitted.execution_id())
           << '\n';
    }
    if (good) {
      ++report_.done;
      return report_.times.add(last_end_ - flow.begun);
    }
    ++report_.failed;
    if (!report_.first_error.empty()) return;
    report_.first_error =
        flow.status.ok() ? "it ended without an ok value" : flow.status.error_message();
  }

  const FlowPlan plan_;
  std::unique_ptr<Stub> stub_;
  grpc::CompletionQueue queue_;
  v1::SubmitRequest request_;
  std::vector<Flow> flows_;
  std::vector<Flow*> free_;
  std::priority_queue<Flow*, std::vector<Flow*>, Later> refused_;  ///< to be tried again
  std::ofstream ids_;
  double start_ = 0;
  double last_end_ = 0;
  FlowReport report_;
};

/// What one of the connections does of it.
FlowPlan part_of(FlowPlan plan, std::uint64_t part) {
  const auto share = [&](std::uint64_t all) {
    return all / plan.connections + (part < all % plan.connections ? 1 : 0);
  };
  plan.in_flight = share(plan.in_flight);
  plan.total = share(plan.total);
  plan.rate /= static_cast<double>(plan.connections);
  return plan;
}

Result<FlowReport> sum(std::vector<Result<FlowReport>>& parts) {
  FlowReport all;
  for (Result<FlowReport>& part : parts) {
    if (!part) return std::move(part);
    all.begun += part->begun;
    all.done += part->done;
    all.failed += part->failed;
    all.refused += part->refused;
    all.refused_with_retry += part->refused_with_retry;
    all.tried_again += part->tried_again;
    all.seconds = std::max(all.seconds, part->seconds);
    if (all.first_error.empty()) all.first_error = part->first_error;
    all.times.add(part->times);
  }
  return all;
}

}  // namespace

Result<FlowReport> run_flows(const FlowPlan& plan) {
  if (plan.connections == 1) return Driver(plan).run();
  const bool empty_part = plan.total != 0 && plan.total < plan.connections;
  if (plan.connections == 0 || empty_part || !plan.ids_path.empty())
    return fail(Code::invalid_argument,
                "each connection needs a part, and ids are written by one connection only");
  std::vector<Result<FlowReport>> parts(plan.connections);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < plan.connections; ++i)
    threads.emplace_back([&, i] { parts[i] = Driver(part_of(plan, i)).run(); });
  for (std::thread& thread : threads) thread.join();
  return sum(parts);
}

}  // namespace stele::bench
