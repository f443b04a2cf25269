#include "issuer/key_source.h"

#include <algorithm>
#include <utility>

#include "auth/jwk_set.h"

namespace usher::issuer {

namespace {

// Where a fetch is under way already, and too many wait for it.
constexpr Duration kWaitWhenFull = std::chrono::seconds(1);

}  // namespace

http_client::Request key_set_request(http_client::Endpoint endpoint) {
  return {.method = http_client::Method::get,
          .endpoint = std::move(endpoint),
          .fields = {{"Accept", "application/json"}, {"User-Agent", "usher"}},
          .body = {},
          .answer_bytes_max = auth::kJwkSetBytesMax,
          .timeout = std::chrono::seconds(5)};
}

std::string key_set_fault(const http_client::Answer& answer) {
  if (answer.status && *answer.status >= 300 && *answer.status < 400) {
    return "it redirects, which is not followed: name the address itself";
  }
  if (answer.status && *answer.status != 200) {
    return "the status is " + std::to_string(*answer.status) + ", not 200";
  }
  return answer.detail;
}

KeySource::KeySource(KeySourceOptions options, http_client::Outbound& outbound, const Clock& clock,
                     Log& log, Take take)
    : options_(std::move(options)),
      outbound_(outbound),
      clock_(clock),
      log_(log),
      take_(std::move(take)),
      timer_(outbound.io()),
      refresh_(options_.interval) {}

void KeySource::start() {
  outbound_.post([self = shared_from_this()] { self->look_after(); });
}

void KeySource::refresh() {
  {
    const std::lock_guard lock(mutex_);
    refresh_.want();
  }
  start();
}

bool KeySource::are_missing() const {
  const std::lock_guard lock(mutex_);
  return !refresh_.had_keys();
}

void KeySource::ask(Done done) {
  using Advice = KeyRefresh::Advice;
  KeyNews at_once{.looked = false, .wait = kWaitWhenFull};
  {
    const std::lock_guard lock(mutex_);
    const TimePoint now = clock_.now();
    const Advice advice = refresh_.on_unknown_key(now);
    if (advice != Advice::too_soon && waiting_.size() < kWaitingMax) {
      waiting_.push_back({std::move(done), advice == Advice::begin});
      if (advice == Advice::begin) outbound_.post([self = shared_from_this()] { self->fetch(); });
      return;
    }
    if (advice == Advice::too_soon) at_once.wait = refresh_.until_next(now);
  }
  done(at_once);
}

void KeySource::look_after() {
  bool is_due = false;
  std::optional<TimePoint> wake;
  {
    const std::lock_guard lock(mutex_);
    if (is_retired_) return;
    is_due = refresh_.begin_if_due(clock_.now());
    wake = refresh_.wake_at();
  }
  if (is_due) return fetch();
  if (!wake) return;
  timer_.expires_after(*wake - clock_.now());
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->look_after();
  });
}

void KeySource::fetch() {
  http_client::start_call(
      outbound_.io().get_executor(), outbound_.trust(), key_set_request(options_.endpoint),
      [self = shared_from_this()](const http_client::Answer& answer) { self->answered(answer); });
}

void KeySource::answered(const http_client::Answer& answer) {
  std::string fault = key_set_fault(answer);
  if (fault.empty()) fault = take_(answer.body);
  std::vector<Question> waiting;
  bool are_none = false;
  bool is_retired = false;
  Duration wait{};
  {
    const std::lock_guard lock(mutex_);
    refresh_.ended(fault.empty());
    are_none = !refresh_.had_keys();
    is_retired = is_retired_;
    wait = std::max<Duration>(refresh_.until_next(clock_.now()), kWaitWhenFull);
    waiting.swap(waiting_);
  }
  if (!is_retired) tell(fault, are_none);
  // What was asked while the fetch was under way may be about a key that is newer than the answer.
  for (Question& question : waiting) {
    question.done({.looked = fault.empty() && question.has_begun_it, .wait = wait});
  }
  look_after();
}

// The timer holds the source, so it is cancelled, on its thread.
void KeySource::retire() {
  {
    const std::lock_guard lock(mutex_);
    is_retired_ = true;
  }
  outbound_.post([self = shared_from_this()] { self->timer_.cancel(); });
}

// Once for each reason, not once for each attempt.
void KeySource::tell(const std::string& fault, bool are_none) {
  if (fault == last_fault_) return;
  if (fault.empty()) {
    log_.info("key set of " + options_.name + " can be fetched again");
  } else {
    log_.warn("no key set from " + options_.name +
                  (are_none ? " yet: tokens of its issuer are refused" : ": the old keys stay"),
              {{"reason", fault}});
  }
  last_fault_ = fault;
}

}  // namespace usher::issuer
