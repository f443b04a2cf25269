#include "client/ticket_desk.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace usher::client {

namespace {

constexpr Millis kHold = std::chrono::seconds(1);

bool is_under_way(const ClientSession& session) { return session.status() == Status::connecting; }

}  // namespace

TicketDesk::TicketDesk(bool has_token, Random random)
    : standing_(make_standing<DeskPolicy>(has_token, std::move(random))),
      policy_(static_cast<DeskPolicy&>(*standing_->policy)) {}

DeskOutput TicketDesk::handle(const DeskInput& input, Instant now) {
  now_ = now;
  policy_.set_now(now);
  out_ = {};
  std::visit([this](const auto& one) { take(one); }, input);
  admit();
  return std::move(out_);
}

std::optional<Instant> TicketDesk::timer() const {
  std::optional<Instant> due;
  if (!waiting_.empty() && may_admit()) due = policy_.gate();
  for (const auto& [attempt, running] : running_) {
    const auto timer = running.session->timer();
    if (timer && (!due || *timer < *due)) due = timer;
  }
  return due;
}

void TicketDesk::take(const Ask& ask) {
  if (failure_) {
    out_.events.emplace_back(Ended{ask.attempt, *failure_, /*hard=*/true});
  } else {
    waiting_.push_back(ask);
  }
}

void TicketDesk::take(const Leave& leave) {
  std::erase_if(waiting_, [&](const Ask& ask) { return ask.attempt == leave.attempt; });
  const auto found = running_.find(leave.attempt);
  if (found == running_.end()) return;
  const bool under_way = is_under_way(*found->second.session);
  carry_over(found->second.session->handle(Disconnect{}, now_));
  running_.erase(found);
  // A caller that gives up early and asks again must not be quicker than one that waits.
  if (under_way) policy_.failed(kNoDelay, 0);
}

void TicketDesk::take(const Reset& reset) {
  standing_->has_token = reset.has_token.value_or(standing_->has_token);
  if (!failure_) return;
  failure_.reset();
  policy_.forgive();
}

void TicketDesk::take(const TokenReady& answer) {
  standing_->secrets.add(answer.token);
  hand_in(answer.attempt, answer);
}

void TicketDesk::take(const TicketReady& answer) {
  standing_->secrets.add(answer.ticket);
  hand_in(answer.attempt, answer);
}

void TicketDesk::take(const Tick&) {
  std::vector<Attempt> due;
  for (const auto& [attempt, running] : running_) {
    const auto timer = running.session->timer();
    if (timer && *timer <= now_) due.push_back(attempt);
  }
  for (const Attempt attempt : due) hand_in(attempt, Tick{});
}

// Begins as many attempts as may be under way now.
void TicketDesk::admit() {
  while (!waiting_.empty() && policy_.is_open() && may_admit()) {
    const Ask ask = std::move(waiting_.front());
    waiting_.pop_front();
    const SessionOptions options{.url = ask.url, .raw = true};
    running_[ask.attempt] = {
        std::make_unique<ClientSession>(options, standing_, /*before=*/ask.attempt - 1), now_};
    hand_in(ask.attempt, Connect{});
  }
}

// Whether one more attempt may begin once the gate is open: after a failure one at a time.
bool TicketDesk::may_admit() const {
  return policy_.failures() == 0 || std::ranges::none_of(running_, [](const auto& running) {
           return is_under_way(*running.second.session);
         });
}

// Does nothing if the attempt is over.
void TicketDesk::hand_in(Attempt attempt, const Input& input) {
  const auto found = running_.find(attempt);
  if (found == running_.end()) return;
  ClientSession& session = *found->second.session;
  const bool was_connected = session.status() == Status::connected;
  const Output output = session.handle(input, now_);
  carry_over(output);
  switch (session.status()) {
    case Status::connecting:
      return;
    case Status::connected:
      if (!was_connected) out_.events.emplace_back(Opened{attempt});
      return;
    case Status::reconnecting:
      return failed_softly(attempt, output);
    case Status::disconnected:
      return failed_hard(attempt, *session.failure());
  }
}

void TicketDesk::carry_over(Output output) {
  std::ranges::move(output.log, std::back_inserter(out_.log));
  std::ranges::move(output.effects, std::back_inserter(out_.effects));
}

void TicketDesk::failed_softly(Attempt attempt, const Output& output) {
  const StageChange& wait = output.stages.back();
  // Only a ticket that was too old when it came has no cause of its own.
  const Failed too_old{.status = {}, .code = 3100, .reason = "TICKET_EXPIRED"};
  out_.events.emplace_back(Ended{attempt, wait.failure.value_or(too_old), /*hard=*/false});
  running_.erase(attempt);
}

void TicketDesk::failed_hard(Attempt attempt, const Failed& why) {
  if (!failure_) out_.events.emplace_back(failure_.emplace(why));
  out_.events.emplace_back(Ended{attempt, why, /*hard=*/true});
  policy_.close_until(running_.at(attempt).began + kHold);
  running_.erase(attempt);
  std::erase_if(running_, [&](const auto& other) {
    if (!is_under_way(*other.second.session)) return false;
    out_.effects.push_back(Abort{other.first});
    out_.events.emplace_back(Ended{other.first, *failure_, /*hard=*/true});
    return true;
  });
  for (const Ask& ask : std::exchange(waiting_, {}))
    out_.events.emplace_back(Ended{ask.attempt, *failure_, /*hard=*/true});
}

}  // namespace usher::client
