#include "redis/link/link.h"

#include <algorithm>
#include <utility>

#include "redis/link/command.h"

namespace usher::redis {
namespace {

void add(std::atomic<std::uint64_t>& count, std::uint64_t more) {
  count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

std::size_t bytes_of(const Commands::Words& words) {
  constexpr std::size_t kOverheadBytes = 16;  // `$`, the length and two line ends
  std::size_t bytes = kOverheadBytes;
  for (const std::string& word : words) bytes += word.size() + kOverheadBytes;
  return bytes;
}

// Before version 7, Redis wraps the error of a command in a script into an ERR.
bool is_no_master_any_more(const Reply& reply) {
  if (!reply.is_error()) return false;
  const std::string_view code = reply.error_code();
  return code == "READONLY" || code == "MASTERDOWN" || code == "LOADING" ||
         reply.text.find("-READONLY ") != std::string::npos;
}

}  // namespace

Link::Link(LinkOptions options, Destination destination, Dependencies dependencies)
    : options_(options),
      dependencies_(dependencies),
      flush_(dependencies.io, [this] { flush(); }),
      tell_refused_(dependencies.io,
                    [this] {
                      dependencies_.turn([this] {
                        for (Handler& done : std::exchange(refused_, {})) done(LinkError::not_sent);
                      });
                    }),
      deadline_(dependencies.io, [this] { dependencies_.turn([this] { on_deadline(); }); }),
      ping_(dependencies.io, [this] { ping(); }),
      dialer_(options.dialer, std::move(destination), std::move(dependencies), *this) {}

// ---- commands out ----

bool Link::admits(std::size_t bytes) const {
  return dialer_.is_up() && in_flight_.size() < options_.in_flight_max &&
         in_flight_bytes_ + bytes <= options_.in_flight_bytes_max;
}

void Link::refuse(Handler done) {
  add(counts_.unanswered, 1);
  refused_.push_back(std::move(done));
  if (!tell_refused_.is_armed()) tell_refused_.after_this_turn();
}

void Link::take_on(Handler done, std::size_t bytes, std::unique_ptr<ScriptCall> by_sha1) {
  add(counts_.commands, 1);
  in_flight_.push_back({std::move(done), dependencies_.clock.now() + options_.command_timeout,
                        bytes, std::move(by_sha1)});
  in_flight_bytes_ += bytes;
  counts_.in_flight.store(in_flight_.size(), std::memory_order_relaxed);
  ++unsent_;
  if (!flush_.is_armed()) flush_.after_this_turn();
  if (!deadline_.is_armed()) deadline_.arm(options_.command_timeout);
}

void Link::call(Words words, Handler done) {
  const std::size_t bytes = bytes_of(words);
  if (!admits(bytes)) return refuse(std::move(done));
  write_command(outgoing_, words);
  take_on(std::move(done), bytes, nullptr);
}

void Link::write_script(const char* command, const std::string& script, const Words& keys,
                        const Words& arguments) {
  write_word_count(outgoing_, 3 + keys.size() + arguments.size());
  write_word(outgoing_, command);
  write_word(outgoing_, script);
  write_word(outgoing_, std::to_string(keys.size()));
  for (const std::string& key : keys) write_word(outgoing_, key);
  for (const std::string& argument : arguments) write_word(outgoing_, argument);
}

void Link::run(const Script& script, Words keys, Words arguments, Handler done) {
  const bool known = std::ranges::find(known_scripts_, &script) != known_scripts_.end();
  const std::size_t bytes = bytes_of(keys) + bytes_of(arguments) + script.source().size();
  if (!admits(bytes)) return refuse(std::move(done));
  if (!known) {
    known_scripts_.push_back(&script);
    write_script("EVAL", script.source(), keys, arguments);
    return take_on(std::move(done), bytes, nullptr);
  }
  write_script("EVALSHA", script.sha1(), keys, arguments);
  take_on(std::move(done), bytes,
          std::make_unique<ScriptCall>(&script, std::move(keys), std::move(arguments)));
}

void Link::say_again(InFlight forgotten) {
  const ScriptCall& call = *forgotten.by_sha1;
  write_script("EVAL", call.script->source(), call.keys, call.arguments);
  take_on(std::move(forgotten.done), forgotten.bytes, nullptr);
}

void Link::flush() {
  if (!dialer_.is_up() || outgoing_.empty()) return;
  dialer_.send(outgoing_);
  unsent_ = 0;
  constexpr std::size_t kKeptBytesMax = 1 << 20;
  if (outgoing_.capacity() > kKeptBytesMax) outgoing_ = {};
  outgoing_.clear();
}

// ---- answers in ----

void Link::on_answers(std::vector<Reply> replies) {
  std::string no_master;
  for (Reply& reply : replies) {
    if (in_flight_.size() == unsent_) return dialer_.fail("it answers what nobody asked");
    InFlight answered = std::move(in_flight_.front());
    in_flight_.pop_front();
    in_flight_bytes_ -= answered.bytes;
    if (answered.by_sha1 != nullptr && reply.error_code() == "NOSCRIPT") {
      say_again(std::move(answered));
      continue;
    }
    if (is_no_master_any_more(reply)) no_master = reply.text;
    answered.done(std::move(reply));
  }
  counts_.in_flight.store(in_flight_.size(), std::memory_order_relaxed);
  if (!no_master.empty()) dialer_.fail("it takes no writes any more: " + no_master);
}

void Link::on_deadline() {
  if (in_flight_.empty() || !dialer_.is_up()) return;
  const TimePoint now = dependencies_.clock.now();
  const TimePoint due = in_flight_.front().due;
  if (now < due) return deadline_.arm(due - now);
  // The answer may have come, and this loop may be late: so unread bytes are read first.
  constexpr Duration kToRead = std::chrono::milliseconds(1);
  if (dialer_.has_unread() && now < due + options_.command_timeout) return deadline_.arm(kToRead);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options_.command_timeout);
  dialer_.fail("no answer within " + std::to_string(ms.count()) + " ms");
}

void Link::ping() {
  if (!dialer_.is_up()) return;
  if (in_flight_.empty()) call({"PING"}, [](const Result<Reply, LinkError>&) {});
  ping_.arm(options_.ping_interval);
}

// ---- the connection's ends ----

void Link::on_up() {
  add(counts_.connections, 1);
  known_scripts_.clear();
  ping_.arm(options_.ping_interval);
  if (options_.connected) options_.connected();
}

void Link::on_down() {
  outgoing_.clear();
  deadline_.disarm();
  ping_.disarm();
  const std::size_t sent = in_flight_.size() - std::exchange(unsent_, 0);
  add(counts_.unanswered, in_flight_.size());
  counts_.in_flight.store(0, std::memory_order_relaxed);
  in_flight_bytes_ = 0;
  auto lost = std::exchange(in_flight_, {});
  for (std::size_t i = 0; i < lost.size(); ++i) {
    lost[i].done(i < sent ? LinkError::no_answer : LinkError::not_sent);
  }
}

}  // namespace usher::redis
