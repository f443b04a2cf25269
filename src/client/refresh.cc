#include "client/refresh.h"

#include <algorithm>
#include <cmath>

#include "client/failure.h"
#include "client/json_fields.h"
#include "client/log_line.h"
#include "client/retry_after.h"

namespace usher::client {

namespace {

constexpr Millis kStepMax = std::chrono::seconds(10);
constexpr double kLeadMaxMs = 300'000;  // a refresh begins at most so long before the end
constexpr Millis kDelayMin = std::chrono::seconds(1);  // after the news of an end
// So long after the end the gateway closes the connection.
constexpr Millis kGrace = std::chrono::seconds(5);
constexpr double kTtlMaxSeconds = 31'536'000;  // a year: a longer life is refreshed after a year
// Ends are told in whole seconds: a new one that is later by less is the same.
constexpr Millis kRounding = std::chrono::seconds(1);
constexpr std::uint64_t kTokenExpired = 109;

std::string text_of(const HttpFailure& failure, const std::string& code) {
  if (!failure.status) return "network error";
  const std::string status = std::to_string(*failure.status);
  return code.empty() ? status : status + " " + code;
}

}  // namespace

Refresh::Refresh(SubscribeQueue& queue, const Random& random)
    : queue_(queue), random_(random), policy_(random) {}

void Refresh::begin(Attempt attempt, const Standing& standing, const json::object& push,
                    Output& out) {
  attempt_ = attempt;
  standing_ = &standing;
  policy_.restart();
  learn(push, out);
}

void Refresh::learn(const json::object& life, Output& out) {
  const double ttl = number_field(life, "ttl").value_or(-1);
  if (!bool_field(life, "expires").value_or(false) || ttl < 0) return stop(out);
  const double life_ms = std::floor(std::min(ttl, kTtlMaxSeconds) * 1000);
  end_ = now_ + Millis(static_cast<std::int64_t>(life_ms));
  if (is_under_way()) return;
  must_pass_ = *end_ + kRounding;
  // Many tokens end together, and must not all be refreshed together.
  const double lead_ms = std::min(life_ms / 4, kLeadMaxMs) * (1 - random_() / 2);
  wait(std::max(Millis(static_cast<std::int64_t>(std::floor(life_ms - lead_ms))), kDelayMin));
}

void Refresh::stop(Output& out) {
  abort(out);
  step_ = Step::off;
  end_.reset();
  deadline_.clear();
}

void Refresh::tick(Output& out) {
  // After a sleep the close frame of a connection that has ended comes first.
  if (!deadline_.is_over(now_) || deadline_.move_if_late(now_)) return;
  if (is_under_way()) {
    abort(out);
    retry("timeout", kNoDelay, out);
  } else if (!end_ || now_ < *end_ + kGrace) {
    start(out);
  } else {
    stop(out);
  }
}

void Refresh::take(const Input& input, Output& out) {
  std::visit([&](const auto& one) { take_one(one, out); }, input);
}

void Refresh::take_one(const RefreshNow&, Output& out) {
  if (is_under_way()) return;
  must_pass_ = {};
  start(out);
}

void Refresh::start(Output& out) {
  out.info("[Auth] Refreshing the token of the connection...");
  if (!standing_->has_token) return fetch_ticket("", out);
  enter(Step::token);
  out.effects.push_back(FetchToken{attempt_, /*fresh=*/true, /*renew=*/true});
}

void Refresh::fetch_ticket(const std::string& token, Output& out) {
  enter(Step::ticket);
  out.effects.push_back(FetchTicket{attempt_, token, {}});
}

void Refresh::take_one(const TokenReady& answer, Output& out) {
  if (!waits_for(Step::token, answer.attempt)) return;
  cached_ = answer.cached;
  fetch_ticket(answer.token, out);
}

void Refresh::take_one(const TokenFailed& answer, Output& out) {
  if (waits_for(Step::token, answer.attempt)) call_failed(answer.failure, out);
}

void Refresh::take_one(const TicketReady& answer, Output& out) {
  if (!waits_for(Step::ticket, answer.attempt)) return;
  enter(Step::reply);
  command_id_ = queue_.send("refresh", {{"token", answer.ticket}}, out);
}

void Refresh::take_one(const TicketFailed& answer, Output& out) {
  if (waits_for(Step::ticket, answer.attempt)) call_failed(answer.failure, out);
}

void Refresh::call_failed(const HttpFailure& failure, Output& out) {
  const std::string what = text_of(failure, standing_->secrets.mask(failure.code));
  if (classify_http(failure, cached_) == HttpVerdict::hard) return give_up(what, out);
  retry(what, given_delay(failure, now_), out);
}

bool Refresh::take_reply(std::uint64_t id, const json::object& frame, Output& out) {
  if (step_ != Step::reply || id != command_id_) return false;
  if (const json::object* error = object_field(frame, "error")) {
    refused(*error, out);
  } else if (const json::object* result = object_field(frame, "refresh")) {
    step_ = Step::off;
    policy_.restart();
    const Instant must_pass = must_pass_;
    learn(*result, out);
    if (end_ && *end_ < must_pass) {
      give_up("the new token ends no later", out);
    } else {
      out.info("[Auth] Token refreshed");
    }
  }
  return true;
}

void Refresh::refused(const json::object& error, Output& out) {
  const std::uint64_t code = whole_field(error, "code").value_or(0);
  const std::string what = "error " + std::to_string(code);
  if (is_temporary(error) || code == kTokenExpired) return retry(what, kNoDelay, out);
  give_up(what, out);
}

void Refresh::enter(Step step) {
  step_ = step;
  deadline_.set(now_ + kStepMax);
}

void Refresh::wait(Millis delay) {
  step_ = Step::waiting;
  deadline_.set(now_ + delay);
}

// Gives up the call under way.
void Refresh::abort(Output& out) {
  if (step_ == Step::token || step_ == Step::ticket) out.effects.push_back(AbortRefresh{attempt_});
}

void Refresh::retry(const std::string& what, GivenDelay given, Output& out) {
  const Millis delay = policy_.failed(given, 0);
  out.warn(refresh_failed_text(what, "again in " + std::to_string(delay.count()) + "ms"));
  wait(delay);
}

void Refresh::give_up(const std::string& what, Output& out) {
  out.warn(refresh_failed_text(what, "connected until the token ends"));
  step_ = Step::off;
  deadline_.clear();
}

}  // namespace usher::client
