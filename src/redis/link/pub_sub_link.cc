#include "redis/link/pub_sub_link.h"

#include <algorithm>
#include <utility>

#include "redis/link/command.h"

namespace usher::redis {

PubSubLink::PubSubLink(PubSubOptions options, Destination destination, Dependencies dependencies,
                       PubSubListener& listener)
    : options_(options),
      dependencies_(dependencies),
      listener_(listener),
      flush_(dependencies.io, [this] { flush(); }),
      tell_refused_(dependencies.io,
                    [this] {
                      dependencies_.turn([this] {
                        for (Handler& done : std::exchange(refused_, {})) done(LinkError::not_sent);
                      });
                    }),
      ping_(dependencies.io, [this] { ping(); }),
      deadline_(dependencies.io, [this] { dependencies_.turn([this] { on_deadline(); }); }),
      dialer_(options.dialer, std::move(destination), std::move(dependencies), *this) {}

// ---- commands out ----

void PubSubLink::subscribe(std::string_view channel, Handler done) {
  if (dialer_.is_up()) return ask(Verb::subscribe, channel, std::move(done));
  refused_.push_back(std::move(done));
  if (!tell_refused_.is_armed()) tell_refused_.after_this_turn();
}

void PubSubLink::unsubscribe(std::string_view channel) {
  if (dialer_.is_up()) return ask(Verb::unsubscribe, channel, nullptr);
  channels_.erase(std::string(channel));
}

void PubSubLink::ask(Verb verb, std::string_view channel, Handler done) {
  const bool joins = unsent_ > 0 && asked_.back().verb == verb &&
                     asked_.back().channels.size() < options_.channels_per_command;
  if (!joins) ask(verb);
  asked_.back().channels.emplace_back(channel);
  asked_.back().handlers.push_back(std::move(done));
}

void PubSubLink::ask(Verb verb) {
  asked_.push_back({.verb = verb, .asked_at = dependencies_.clock.now()});
  ++unsent_;
  if (!flush_.is_armed()) flush_.after_this_turn();
  if (!deadline_.is_armed()) deadline_.arm(options_.answer_timeout);
}

void PubSubLink::flush() {
  if (!dialer_.is_up() || unsent_ == 0) return;
  std::string out;
  for (auto asked = asked_.end() - static_cast<std::ptrdiff_t>(std::exchange(unsent_, 0));
       asked != asked_.end(); ++asked) {
    if (asked->verb == Verb::ping) {
      write_command(out, {"PING"});
      continue;
    }
    write_word_count(out, 1 + asked->channels.size());
    write_word(out, asked->verb == Verb::subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE");
    for (const std::string& channel : asked->channels) write_word(out, channel);
  }
  dialer_.send(out);
}

void PubSubLink::ping() {
  if (!dialer_.is_up()) return;
  if (asked_.empty()) ask(Verb::ping);  // otherwise an answer is due anyway
  ping_.arm(options_.ping_interval);
}

// Many confirmations may follow one command. As long as anything comes, the peer is alive.
void PubSubLink::on_deadline() {
  if (asked_.empty() || !dialer_.is_up()) return;
  const TimePoint now = dependencies_.clock.now();
  const TimePoint due = std::max(heard_at_, asked_.front().asked_at) + options_.answer_timeout;
  if (now < due) return deadline_.arm(due - now);
  // This loop may be late, or may not read just now: so unread bytes are read first.
  constexpr Duration kToRead = std::chrono::milliseconds(1);
  const bool is_held_up = dependencies_.held_up && dependencies_.held_up();
  const bool may_wait = is_held_up || now < due + options_.answer_timeout;
  if (dialer_.has_unread() && may_wait) return deadline_.arm(kToRead);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options_.answer_timeout);
  dialer_.fail("no answer within " + std::to_string(ms.count()) + " ms");
}

// ---- answers in ----

void PubSubLink::on_answers(std::vector<Reply> replies) {
  heard_at_ = dependencies_.clock.now();
  for (const Reply& reply : replies) {
    const bool fits = on_answer(reply);
    if (!dialer_.is_up()) return;
    if (!fits) return dialer_.fail("it answers what nobody asked");
  }
}

bool PubSubLink::on_answer(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::array:
      return on_pushed(reply);
    case Reply::Kind::error:
      return on_refused(reply);
    case Reply::Kind::text:
      return reply.text == "PONG" && on_pong();  // while nothing is subscribed
    case Reply::Kind::nil:
    case Reply::Kind::integer:
      return false;
  }
  return false;
}

bool PubSubLink::on_pushed(const Reply& reply) {
  if (reply.items.size() < 2) return false;
  const std::string& kind = reply.items[0].text;
  const std::string& channel = reply.items[1].text;
  if (kind == "message" && reply.items.size() == 3) {
    listener_.on_message(channel, reply.items[2].text);
    return true;
  }
  if (kind == "subscribe") return on_confirmed(Verb::subscribe, channel);
  if (kind == "unsubscribe") return on_confirmed(Verb::unsubscribe, channel);
  return kind == "pong" && on_pong();
}

bool PubSubLink::on_pong() {
  if (asked_.size() == unsent_ || asked_.front().verb != Verb::ping) return false;
  asked_.pop_front();
  return true;
}

bool PubSubLink::on_confirmed(Verb verb, const std::string& channel) {
  if (asked_.size() == unsent_) return false;
  Asked& asked = asked_.front();
  if (asked.verb != verb || asked.channels.front() != channel) return false;
  Handler done = std::move(asked.handlers.front());
  asked.channels.pop_front();
  asked.handlers.pop_front();
  if (asked.channels.empty()) asked_.pop_front();
  if (verb == Verb::unsubscribe) {
    channels_.erase(channel);
    return true;
  }
  if (!done) {
    resubscribed();
    return true;
  }
  channels_.insert(channel);
  done({});
  return true;
}

// Redis refuses a command as a whole.
bool PubSubLink::on_refused(const Reply& error) {
  if (asked_.size() == unsent_) return false;
  Asked refused = std::move(asked_.front());
  asked_.pop_front();
  for (Handler& done : refused.handlers) {
    if (done) done(LinkError::not_sent);
  }
  const bool was_kept = refused.verb == Verb::subscribe && !refused.handlers.front();
  if (was_kept) dialer_.fail("SUBSCRIBE refused: " + std::string(error.error_code()));
  return true;
}

// ---- the connection's ends ----

void PubSubLink::on_up() {
  heard_at_ = dependencies_.clock.now();
  ping_.arm(options_.ping_interval);
  resubscribing_ = channels_.size();
  for (const std::string& channel : channels_) ask(Verb::subscribe, channel, nullptr);
  if (resubscribing_ > 0) return;
  is_ready_ = true;
  listener_.on_link_ready();
}

void PubSubLink::resubscribed() {
  if (--resubscribing_ > 0) return;
  is_ready_ = true;
  listener_.on_link_ready();
}

void PubSubLink::on_down() {
  ping_.disarm();
  deadline_.disarm();
  const std::size_t sent = asked_.size() - std::exchange(unsent_, 0);
  auto lost = std::exchange(asked_, {});
  for (const Asked& asked : lost) {
    if (asked.verb != Verb::unsubscribe) continue;
    for (const std::string& channel : asked.channels) channels_.erase(channel);
  }
  if (std::exchange(is_ready_, false)) listener_.on_link_lost();
  for (std::size_t i = 0; i < lost.size(); ++i) {
    for (Handler& done : lost[i].handlers) {
      if (done) done(i < sent ? LinkError::no_answer : LinkError::not_sent);
    }
  }
}

}  // namespace usher::redis
