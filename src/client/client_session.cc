// The user, the platform, the clock.
#include "client/client_session.h"

#include <algorithm>
#include <utility>

#include "client/socket_url.h"

namespace usher::client {

namespace {

constexpr Millis kStageMax = std::chrono::seconds(10);
constexpr Millis kLateMax = std::chrono::seconds(1);
constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kNoPong = 3012;

}  // namespace

ClientSession::ClientSession(SessionOptions options, Random random)
    : options_(std::move(options)), policy_(std::move(random)) {}

Output ClientSession::handle(const Input& input, Instant now) {
  now_ = now;
  subscriptions_.set_now(now);
  out_ = {};
  cause_.reset();
  std::visit([this](const auto& one) { take(one); }, input);
  announce_rest();
  return std::move(out_);
}

std::optional<Instant> ClientSession::timer() const {
  const auto retry = subscriptions_.due();
  if (!timer_) return retry;
  return retry ? std::min(*retry, timer_->due) : timer_->due;
}

void ClientSession::take(const Connect&) {
  if (stage_ == Stage::idle) {
    failure_.reset();
    rest(Stage::waiting, hold_until_);
    become(Status::connecting);
  }
  hurry();
}

void ClientSession::take(const Disconnect&) {
  settle_uptime();
  if (connection_) {
    out_.effects.push_back(CloseSocket{attempt_.number, kNormal});
  } else if (attempting()) {
    out_.effects.push_back(Abort{attempt_.number});
  }
  policy_.restart();
  rest(Stage::idle);
  become(Status::disconnected);
}

void ClientSession::take(const Subscribe& call) {
  subscriptions_.subscribe(call.channel, stage_ == Stage::connected, out_);
}

void ClientSession::take(const Unsubscribe& call) {
  subscriptions_.unsubscribe(call.channel, stage_ == Stage::connected, out_);
}

void ClientSession::take(const Publish& call) {
  subscriptions_.publish(call.channel, call.data, stage_ == Stage::connected, out_);
}

void ClientSession::take(const Offline&) {
  if (is_loopback(options_.url)) return;
  offline_ = true;
  if (stage_ == Stage::waiting) timer_.reset();
  if (!attempting()) return;
  out_.effects.push_back(Abort{attempt_.number});
  rest(Stage::waiting);
  become(Status::reconnecting);
}

void ClientSession::take(const Online&) {
  if (!offline_) return;
  offline_ = false;
  hurry();
}

// While waiting: an attempt at once, or as soon as it is allowed. `anyway`: the platform may be
// wrong about being offline.
void ClientSession::hurry(bool anyway) {
  if (stage_ != Stage::waiting || (offline_ && !anyway)) return;
  if (not_before_ <= now_) return begin();
  if (!offline_) arm(not_before_);
}

void ClientSession::take(const Tick&) {
  subscriptions_.tick(out_);
  if (!timer_ || timer_->due > now_) return;
  if (stage_ == Stage::waiting) return begin();

  if (now_ - timer_->due > kLateMax && !timer_->excused) {
    // The page or machine was suspended: what the network has queued meanwhile comes first.
    arm(now_ + kLateMax, /*excused=*/true);
  } else if (connection_) {
    out_.effects.push_back(CloseSocket{attempt_.number, kNoPong});
    closed(1006, "", false);
  } else {
    timed_out();
  }
}

bool ClientSession::attempting() const {
  return stage_ == Stage::token || stage_ == Stage::ticket || stage_ == Stage::socket;
}

void ClientSession::enter(Stage stage) {
  stage_ = stage;
  arm(now_ + kStageMax);
  announce_stage();
}

void ClientSession::rest(Stage stage, Instant not_before) {
  stage_ = stage;
  timer_.reset();
  connection_.reset();
  subscriptions_.lost();
  not_before_ = not_before;
}

void ClientSession::arm(std::optional<Instant> due, bool excused) {
  timer_.reset();
  if (due) timer_ = Timer{*due, excused};
}

// A rest is announced after the input has been handled: only then is its length known.
void ClientSession::announce_rest() {
  if (stage_ != Stage::idle && stage_ != Stage::waiting) return;
  const auto due = timer_ ? std::optional(timer_->due) : std::nullopt;
  if (stage_ == announced_ && due == announced_due_) return;
  announce_stage(due);
}

void ClientSession::announce_stage(std::optional<Instant> due) {
  announced_ = stage_;
  announced_due_ = due;
  StageChange change{stage_, policy_.failures(), {}, std::exchange(cause_, std::nullopt)};
  if (due) change.delay = *due - now_;
  out_.stages.push_back(std::move(change));
}

void ClientSession::become(Status status) {
  if (status == status_) return;
  status_ = status;
  out_.status.push_back(status);
}

}  // namespace usher::client
