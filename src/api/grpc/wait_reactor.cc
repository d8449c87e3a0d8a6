// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/wait_reactor.h"

#include "api/grpc/convert.h"
#include "api/grpc/status.h"

namespace stele::api {
namespace {

class WaitReactor final : public grpc::ServerUnaryReactor {
 public:
  WaitReactor(Service& service, grpc::CallbackServerContext& context, v1::WaitResponse& response)
      : service_(service),
        context_(context),
        response_(response),
        hub_(service.hub()),
        ticket_(hub_->reserve()) {}

  /// Nothing of this object may be touched afterwards: the call may be over.
  void wait(const ExecutionId& id) {
    hub_->wait_finished(ticket_, id,
                        [this](const Result<runtime::ExecutionView>& view) { answer(view); });
  }
  /// Likewise.
  void run(SubmitInput input) {
    service_.run(ticket_, std::move(input),
                 [this](const Result<runtime::ExecutionView>& view, bool repeated) {
                   response_.set_repeated(repeated);
                   answer(view);
                 });
  }

  void OnCancel() override {
    if (hub_->cancel(ticket_)) this->Finish({grpc::StatusCode::CANCELLED, "the client has gone"});
  }
  void OnDone() override { delete this; }
  /// What is done here is short, and not worth a thread of its own.
  bool InternalInlineable() override { return true; }

 private:
  void answer(const Result<runtime::ExecutionView>& view) {
    if (!view) return this->Finish(answer_refusal(context_, view.error(), service_.retry_after()));
    fill(*response_.mutable_execution(), service_.detail(*view));
    this->Finish(grpc::Status::OK);
  }

  Service& service_;
  grpc::CallbackServerContext& context_;
  v1::WaitResponse& response_;
  const std::shared_ptr<FollowHub> hub_;
  const FollowHub::Ticket ticket_;
};

}  // namespace

grpc::ServerUnaryReactor* start_wait(Service& service, grpc::CallbackServerContext& context,
                                     const ExecutionId& id, v1::WaitResponse& response) {
  auto* reactor = new WaitReactor(service, context, response);
  reactor->wait(id);
  return reactor;
}

grpc::ServerUnaryReactor* start_run(Service& service, grpc::CallbackServerContext& context,
                                    SubmitInput input, v1::WaitResponse& response) {
  auto* reactor = new WaitReactor(service, context, response);
  reactor->run(std::move(input));
  return reactor;
}

}  // namespace stele::api
