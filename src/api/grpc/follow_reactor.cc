// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/follow_reactor.h"

#include <grpcpp/alarm.h>

#include <deque>

#include "api/grpc/convert.h"
#include "api/grpc/status.h"
#include "base/sync.h"

namespace stele::api {
namespace {

v1::FollowResponse make_update(std::uint32_t position, FollowStep::Update update) {
  v1::FollowResponse message;
  message.set_next_position(position);
  if (auto* event = std::get_if<EventView>(&update)) {
    fill(*message.mutable_event(), std::move(*event));
  } else {
    fill(*message.mutable_response(), std::get<ResponseView>(std::move(update)));
  }
  return message;
}

/// Alternates between reading a step of the history, writing its updates, and waiting for more.
class FollowReactor final : public grpc::ServerWriteReactor<v1::FollowResponse> {
 public:
  FollowReactor(Service& service, grpc::CallbackServerContext& context)
      : service_(service), context_(context), hub_(service.hub()) {}

  void start(const v1::FollowRequest& request) {
    auto id = parse_execution_id(request.execution_id());
    if (!id) return Finish(answer_error(context_, id.error()));
    id_ = *id;
    position_ = request.from_position();
    created_ = position_ == 0;
    read_more();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish({grpc::StatusCode::CANCELLED, "the client has gone"});
    pending_.pop_front();
    if (!pending_.empty()) return StartWrite(&pending_.front());
    if (finished_) return Finish(grpc::Status::OK);
    read_more();
  }

  void OnCancel() override {
    FollowHub::Ticket ticket = 0;
    {
      const Lock lock(mutex_);
      gone_ = true;
      ticket = ticket_;
    }
    if (hub_->cancel(ticket)) Finish({grpc::StatusCode::CANCELLED, "the client has gone"});
  }
  void OnDone() override { delete this; }

 private:
  void read_more() {
    auto step = service_.follow(id_, {position_, created_});
    if (!step) return Finish(answer_error(context_, step.error()));
    created_ = false;
    const bool moved = step->next_position != position_;
    position_ = step->next_position;
    for (auto& [position, update] : step->updates) {
      pending_.push_back(make_update(position, std::move(update)));
    }
    if (step->finished) add_finished(*step->finished);
    if (!pending_.empty()) return StartWrite(&pending_.front());
    if (moved) return later();  // only internal entries: there may be more behind them
    wait_for_change();
  }

  void add_finished(const ExecutionDetail& detail) {
    finished_ = true;
    v1::FollowResponse message;
    message.set_next_position(position_);
    fill(*message.mutable_finished(), detail);
    pending_.push_back(std::move(message));
  }

  /// Nothing of this object may be touched after the wait has begun: the call may be over.
  void wait_for_change() {
    FollowHub::Ticket ticket = 0;
    const auto hub = hub_;
    const ExecutionId id = id_;
    const std::uint32_t position = position_;
    {
      const Lock lock(mutex_);
      if (!gone_) ticket = ticket_ = hub->reserve();
    }
    if (ticket == 0) return Finish({grpc::StatusCode::CANCELLED, "the client has gone"});
    hub->wait_progress(ticket, id, position,
                       [this](const Result<runtime::ExecutionView>& view) { wake(view); });
  }

  void wake(const Result<runtime::ExecutionView>& view) {
    if (!view) return Finish(answer_error(context_, view.error()));
    later();
  }

  /// Reading is no work for the thread that brought the news.
  void later() {
    alarm_.Set(gpr_now(GPR_CLOCK_MONOTONIC), [this](bool /*ok*/) { read_more(); });
  }

  Service& service_;
  grpc::CallbackServerContext& context_;
  const std::shared_ptr<FollowHub> hub_;
  ExecutionId id_;
  std::uint32_t position_ = 0;
  bool created_ = false;  ///< the `created` event is still to be sent
  bool finished_ = false;
  std::deque<v1::FollowResponse> pending_;
  grpc::Alarm alarm_;
  Mutex mutex_;
  FollowHub::Ticket ticket_ STELE_GUARDED_BY(mutex_) = 0;
  bool gone_ STELE_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::FollowResponse>* start_follow(Service& service,
                                                           grpc::CallbackServerContext& context,
                                                           const v1::FollowRequest& request) {
  auto* reactor = new FollowReactor(service, context);
  reactor->start(request);
  return reactor;
}

}  // namespace stele::api
