#include "hooks/hook_sender.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "hooks/hook_answer.h"
#include "hooks/subscribe_answer.h"
#include "hooks/ticket_answer.h"

namespace usher::hooks {
namespace {

using session::Hook;

constexpr std::size_t kEnvelopeBytesMax = 2048;  // of an answer, around its data

double uniform(Entropy& entropy) {
  std::uint64_t bits = 0;
  entropy.fill(std::as_writable_bytes(std::span(&bits, 1)));
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

StartCall calls_over(http_client::Outbound& outbound) {
  return [&outbound](http_client::Request request, std::function<void(http_client::Answer)> done,
                     http_client::KeptConnections& connections) {
    http_client::start_call(outbound.io().get_executor(), outbound.trust(), std::move(request),
                            std::move(done), &connections);
  };
}

bool may_be_tried_again(session::HookEvent::Kind kind) {
  using Kind = session::HookEvent::Kind;
  switch (kind) {
    case Kind::connected:
    case Kind::disconnected:
      return true;
    case Kind::rpc:
    case Kind::send:
    case Kind::publish:
    case Kind::subscribe:
    case Kind::ticket:
      return false;
    case Kind::count_:
      break;
  }
  USHER_CHECK(false);
}

// One address may be that of many clients, so its share is larger than a session's.
HookLaneOptions for_tickets(HookLaneOptions options) {
  constexpr std::size_t kAddresses = 8;
  if (options.per_session_max == 0) return options;
  options.per_session_max =
      std::max(options.per_session_max, (options.running_max + options.waiting_max) / kAddresses);
  return options;
}

bool is_refusal(const TicketSaid& said) {
  return std::holds_alternative<ticket::BackendRefusal>(said);
}

}  // namespace

HookSender::HookSender(HookSenderOptions options, HookSenderDependencies dependencies,
                       std::shared_ptr<const HookSigner> signer)
    : options_(std::move(options)),
      dependencies_(dependencies),
      signer_(std::move(signer)),
      lanes_{Lane(dependencies.outbound, options_.lane),
             Lane(dependencies.outbound, options_.lane),
             Lane(dependencies.outbound, options_.lane),
             Lane(dependencies.outbound, options_.lane),
             Lane(dependencies.outbound, options_.lane),
             Lane(dependencies.outbound, for_tickets(options_.lane))},
      timer_(dependencies.outbound.io()),
      goodbye_(dependencies.outbound.io()) {
  if (!dependencies_.start_call) dependencies_.start_call = calls_over(dependencies_.outbound);
}

void HookSender::submit(HookRequest request) {
  dependencies_.outbound.post([this, request = std::move(request)]() mutable {
    HookLane& queue = lane(hook_of(request.kind)).queue;
    queue.add(std::move(request));
    pump();
  });
}

// Whatever can be done now, and a timer for what can't.
void HookSender::pump() {
  const TimePoint now = dependencies_.clock.now();
  std::optional<TimePoint> wake;
  for (Lane& lane : lanes_) {
    for (HookRequest& late : lane.queue.take_late(now)) {
      fail(late, HookOutcome::late, "waited too long for its turn");
    }
    while (auto request = lane.queue.next(now)) start(std::move(*request));
    if (const auto at = lane.queue.wake_at()) wake = wake ? std::min(*wake, *at) : *at;
  }
  if (!wake) return;
  timer_.expires_after(*wake - now);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) pump();
  });
}

void HookSender::start(HookRequest request) {
  http_client::Request http;
  http.endpoint = *endpoint(hook_of(request.kind));
  http.fields = request.message.fields;
  const auto signer = signer_.get();
  if (signer->signs()) {
    http.fields.emplace_back(kHookSignatureField,
                             signer->sign(request.message, dependencies_.wall_clock.now()));
  }
  http.body = request.message.body;
  http.answer_bytes_max = request.kind == session::HookEvent::Kind::subscribe
                              ? kSubscribeAnswerBytesMax
                              : options_.data_bytes_max + kEnvelopeBytesMax;
  http.timeout = request.expects_answer() ? request.deadline - dependencies_.clock.now()
                                          : options_.lane.timeout;
  auto& connections = lane(hook_of(request.kind)).connections;
  const auto kept = std::make_shared<HookRequest>(std::move(request));
  dependencies_.start_call(
      std::move(http),
      [this, kept](const http_client::Answer& answer) { answered(std::move(*kept), answer); },
      connections);
}

void HookSender::answered(HookRequest request, const http_client::Answer& answer) {
  lane(hook_of(request.kind)).queue.ended();
  if (request.ticket_done) {
    read_ticket(request, answer);
  } else if (request.done) {
    read(request, answer);
  } else {
    delivered(std::move(request), answer);
  }
  pump();
  look_whether_done();
}

void HookSender::read(HookRequest& request, const http_client::Answer& answer) {
  if (!answer.status || !answer.detail.empty()) {
    return fail(request, answer.late ? HookOutcome::late : HookOutcome::failed, answer.detail);
  }
  auto said = request.kind == session::HookEvent::Kind::subscribe
                  ? read_subscribe_answer(*answer.status, answer.body,
                                          {options_.data_bytes_max, options_.info_bytes_max}, json_)
                  : read_hook_answer(request.kind, *answer.status, answer.body,
                                     options_.data_bytes_max, json_);
  if (!said) {
    std::string reason(reason_of(said.error()));
    if (said.error() == HookFault::status) reason += ": " + std::to_string(*answer.status);
    return fail(request, HookOutcome::failed, reason);
  }
  const bool refused = std::holds_alternative<session::HookError>(*said);
  end(request, refused ? HookOutcome::refused : HookOutcome::answered);
  request.done(std::move(*said));
}

void HookSender::read_ticket(HookRequest& request, const http_client::Answer& answer) {
  // Of a refusal the status says enough, whatever became of its page.
  const bool refused = answer.status == 401 || answer.status == 403;
  if (!answer.status || (!answer.detail.empty() && !refused)) {
    return fail(request, answer.late ? HookOutcome::late : HookOutcome::failed, answer.detail);
  }
  auto said =
      read_ticket_answer(*answer.status, answer.body, unix_seconds(dependencies_.wall_clock.now()),
                         options_.ticket_answers, json_);
  if (!said) {
    std::string reason(reason_of(said.error()));
    if (*answer.status != 200) reason += ": " + std::to_string(*answer.status);
    return fail(request, HookOutcome::failed, reason);
  }
  end(request, is_refusal(*said) ? HookOutcome::refused : HookOutcome::answered);
  request.ticket_done(
      std::visit([](auto& which) { return ticket::TicketHookAnswer(std::move(which)); }, *said));
}

void HookSender::delivered(HookRequest request, const http_client::Answer& answer) {
  const std::string reason =
      answer.status ? "status " + std::to_string(*answer.status) : answer.detail;
  switch (judge_delivery(answer.status)) {
    case Delivered::yes:
      return end(request, HookOutcome::answered);
    case Delivered::never:
      return end(request, HookOutcome::failed, reason);
    case Delivered::not_yet:
      break;
  }
  const HookOutcome outcome = answer.late ? HookOutcome::late : HookOutcome::failed;
  if (!may_be_tried_again(request.kind)) return end(request, outcome, reason);
  auto& queue = lane(hook_of(request.kind)).queue;
  auto given_up = queue.try_again(std::move(request), dependencies_.clock.now(),
                                  uniform(dependencies_.entropy));
  if (given_up) return end(*given_up, outcome, reason);
  dependencies_.metrics.retries.fetch_add(1, std::memory_order_relaxed);
}

void HookSender::fail(HookRequest& request, HookOutcome outcome, std::string_view reason) {
  end(request, outcome, reason);
  if (request.ticket_done) return request.ticket_done(ticket::TicketHookFault::unavailable);
  request.done(temporary_failure());
}

void HookSender::end(HookRequest& request, HookOutcome outcome, std::string_view reason) {
  const Hook hook = hook_of(request.kind);
  lane(hook).room.release(request.session, request.bytes);
  dependencies_.metrics.count(request.kind, outcome);
  if (reason.empty()) return;
  dependencies_.log.warn(
      "hook failed",
      {{"hook", to_string(hook)}, {"reason", reason}, {"attempts", request.attempts}});
}

// ---- the end ----

bool HookSender::has_notifications() {
  return std::ranges::any_of(std::array{Hook::connected, Hook::disconnected}, [this](Hook hook) {
    const HookLane& queue = lane(hook).queue;
    return queue.waiting() + queue.running() > 0;
  });
}

void HookSender::look_whether_done() {
  if (finishing_ && !has_notifications()) dependencies_.outbound.io().stop();
}

void HookSender::finish(Duration patience) {
  dependencies_.outbound.post([this, patience] {
    finishing_ = true;
    for (Lane& lane : lanes_) {
      for (HookRequest& request : lane.queue.stop_retrying()) {
        end(request, HookOutcome::failed, "the node has stopped");
      }
    }
    goodbye_.expires_after(std::min(patience, options_.goodbye_max));
    goodbye_.async_wait(
        [this](const boost::system::error_code&) { dependencies_.outbound.io().stop(); });
    look_whether_done();
  });
  dependencies_.outbound.join();
}

}  // namespace usher::hooks
