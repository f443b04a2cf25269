#include "net/shard.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <limits>
#include <utility>

#include "base/not_reentrant.h"
#include "net/acceptor.h"
#include "net/turn_budget.h"

namespace usher::net {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(1);
constexpr Duration kHeldUpStep = std::chrono::milliseconds(1);
// The window of the drain spreads the clients already: another node is available now, or this one
// will be soon.
constexpr Duration kRetryAfterDrain = std::chrono::seconds(1);
// Before writing to so many sockets, another look at epoll is cheap: a further message for the same
// subscribers leaves in the same writes.
constexpr std::size_t kManyDirty = 16;
constexpr Duration kDrainStep = std::chrono::milliseconds(20);
constexpr Duration kLastAnswers = std::chrono::milliseconds(250);

}  // namespace

// Calls the application's tick() once a second.
struct Shard::Heartbeat final : TimingWheel::Timer {
  explicit Heartbeat(ShardContext& s) : shard(s) {
    shard.wheel().arm(*this, shard.now() + kHeartbeat);
  }
  void on_deadline(TimePoint now) override {
    shard.wheel().arm(*this, now + kHeartbeat);  // first: a tick that throws is not the last
    shard.application().tick(now);
  }
  ShardContext& shard;
};

// Spreads the goodbyes of a drain evenly over its window; then waits for the last WebSocket to
// close.
struct Shard::Drain final : TimingWheel::Timer {
  Drain(Shard& s, Duration w, Mailbox::Task d) : shard(s), window(w), done(std::move(d)) {}
  void on_deadline(TimePoint now) override { shard.drain_on(now); }

  Shard& shard;
  const Duration window;
  Mailbox::Task done;
  TimePoint began;
  std::size_t total = 0;
  std::size_t told = 0;
};

// Waits for the last answers, for a while.
struct Shard::Finish final : TimingWheel::Timer {
  Finish(Shard& s, Mailbox::Task d) : shard(s), began(s.context_.now()), done(std::move(d)) {}
  void on_deadline(TimePoint now) override { shard.finish_on(now); }

  Shard& shard;
  const TimePoint began;
  Mailbox::Task done;
};

Shard::Shard(ShardOptions options, ShardDependencies dependencies)
    : context_(options, dependencies),
      mailbox_(context_.poller(), dependencies.congestion, dependencies.clock,
               [this](const std::exception& broken) { context_.report(broken); }),
      io_(1),
      events_(io_, context_.poller().fd()),
      deadline_(io_),
      next_turn_(io_),
      connections_(context_),
      flusher_(options.sends, context_.join_buffer()) {}

Shard::~Shard() {
  events_.release();  // the descriptor is the poller's
}

void Shard::close_all() { connections_.clear(); }

void Shard::serve(edge::Application& application) {
  context_.set_application(application);
  heartbeat_ = std::make_unique<Heartbeat>(context_);
}

void Shard::reach(std::vector<UpstreamTarget> targets, SSL_CTX* trust) {
  upstreams_ = std::make_unique<UpstreamAddresses>(
      std::move(targets), trust, io_, [this](Mailbox::Task task) { run_turn(std::move(task)); },
      context_.dependencies().clock);
  context_.set_upstreams(*upstreams_);
}

void Shard::listen(Fd listener, edge::ListenerRole role, std::shared_ptr<const TlsContext> tls) {
  acceptors_.push_back(
      std::make_unique<Acceptor>(context_, std::move(listener), role, std::move(tls)));
}

void Shard::set_tls(std::shared_ptr<const TlsContext> tls) {
  for (const auto& acceptor : acceptors_) acceptor->set_tls(tls);
}

// ---- the loop ----

void Shard::run() {
  wait_for_events();
  wait_for_deadline();
  io_.run();
}

void Shard::stop() { io_.stop(); }

void Shard::wait_for_events() {
  waits_for_events_ = true;
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       waits_for_events_ = false;
                       if (!error) turn();
                     });
}

void Shard::wait_for_deadline() {
  const TimePoint next = std::min(context_.wheel().next().value_or(TimePoint::max()),
                                  context_.delayed_flushes().next().value_or(TimePoint::max()));
  if (next == armed_for_ || next == TimePoint::max()) return;
  armed_for_ = next;
  deadline_.expires_after(next - context_.dependencies().clock.now());
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_ = TimePoint::max();
    context_.read_clock();
    end_turn();
  });
}

void Shard::turn() {
  context_.read_clock();
  if (context_.is_held_up() || mailbox_.has_left_over()) mailbox_.run();
  try {
    handle_sockets();
  } catch (const std::exception& broken) {  // of no connection, which would have caught it
    context_.report(broken);
    has_more_ = true;
  }
  end_turn();
}

void Shard::handle_sockets() {
  const TurnBudget budget(context_.dependencies().clock);
  for (int i = 0; i < kBatchesPerTurn && !context_.is_held_up(); ++i) {
    const Poller::Handled handled = context_.poller().handle_ready(budget);
    connections_.bury_retired();
    has_more_ = handled.may_be_more;
    if (budget.is_spent()) break;
    if (!has_more_ && (handled.count == 0 || context_.to_flush().size() < kManyDirty)) break;
  }
}

void Shard::run_turn(Mailbox::Task work) {
  context_.read_clock();
  try {
    work();
  } catch (const std::exception& broken) {
    context_.report(broken);
  }
  end_turn();
}

void Shard::end_turn() {
  advance_timers();
  if (!context_.is_held_up()) run_waiting();
  flush();
  connections_.bury_retired();
  wait_for_deadline();
  begin_next();
}

// While held up, unread sockets stay readable, and epoll would report them again and again. So the
// shard looks in small steps instead.
void Shard::begin_next() {
  const bool has_more =
      std::exchange(has_more_, false) || mailbox_.has_left_over() || !context_.to_run().empty();
  if (context_.is_held_up()) {
    context_.note_held_up();
    const bool is_behind = mailbox_.has_left_over();  // then it must not rest
    if (has_more || !waits_for_events_) turn_again(is_behind ? Duration::zero() : kHeldUpStep);
    return;
  }
  if (!waits_for_events_) wait_for_events();
  if (has_more) turn_again(Duration::zero());
}

// Never begins within this turn: other work in the loop (Redis, signals, hooks) comes between.
void Shard::turn_again(Duration after) {
  if (std::exchange(turn_awaited_, true)) return;
  const auto begin = [this](const boost::system::error_code& error) {
    turn_awaited_ = false;
    if (!error) turn();
  };
  if (after == Duration::zero()) return boost::asio::post(io_, [begin] { begin({}); });
  next_turn_.expires_after(after);
  next_turn_.async_wait(begin);
}

void Shard::advance_timers() {
  try {
    if (!context_.wheel().advance(context_.now(), TurnBudget(context_.dependencies().clock)))
      has_more_ = true;
  } catch (const std::exception& broken) {
    context_.report(broken);
    has_more_ = true;
  }
}

// Runs each connection once: one that asks for another turn waits for the next.
void Shard::run_waiting() {
  if (context_.to_run().empty()) return;
  const TurnBudget budget(context_.dependencies().clock);
  for (std::size_t left = context_.to_run().size(); left > 0; --left) {
    context_.to_run().take()->run();
    if (budget.is_spent()) return;
  }
}

void Shard::flush() {
  context_.delayed_flushes().end_windows(
      context_.now(), [this](AcceptedSocket& socket) { context_.to_flush().add(socket); });
  const NotReentrant::Scope flushing(context_.flushing());
  flusher_.flush(context_.to_flush());
}

// ---- the end ----

void Shard::drain(Duration window, Mailbox::Task done) {
  drain_ = std::make_unique<Drain>(*this, window, std::move(done));
  context_.read_clock();
  context_.begin_draining();
  drain_->began = context_.now();
  for (const auto& connection : connections_) drain_->total += connection->awaits_goodbye() ? 1 : 0;
  drain_on(context_.now());
}

void Shard::drain_on(TimePoint now) {
  Drain& drain = *drain_;
  const Duration elapsed = now - drain.began;
  std::size_t due = std::numeric_limits<std::size_t>::max();
  if (elapsed < drain.window) {
    const double share =
        static_cast<double>(elapsed.count()) / static_cast<double>(drain.window.count());
    due = static_cast<std::size_t>(share * static_cast<double>(drain.total)) + 1;
  }
  bool any_left = false;
  // A goodbye can close a tunnel at once, if its write finds the upstream gone in the middle of a
  // frame. The last connection then takes its place.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    AcceptedSocket& connection = connections_.at(i);
    any_left = any_left || connection.is_admitted();
    if (drain.told < due && connection.awaits_goodbye()) {
      ++drain.told;
      connection.say_goodbye(kRetryAfterDrain);
    }
  }
  // A connection that has not closed by then is not waited for.
  const bool is_over = elapsed > drain.window + context_.options().goodbye_timeout +
                                     context_.options().linger_timeout;
  if (any_left && !is_over) return context_.wheel().arm(drain, now + kDrainStep);
  if (drain.done) std::exchange(drain.done, {})();
}

void Shard::finish(Mailbox::Task done) {
  context_.read_clock();
  for (const auto& acceptor : acceptors_) acceptor->finish();
  finish_ = std::make_unique<Finish>(*this, std::move(done));
  finish_on(context_.now());
}

void Shard::finish_on(TimePoint now) {
  const bool is_over = now - finish_->began >= kLastAnswers;
  const bool any_left =
      std::any_of(connections_.begin(), connections_.end(),
                  [](const auto& connection) { return !connection->is_idle_http(); });
  if (any_left && !is_over) return context_.wheel().arm(*finish_, now + kDrainStep);
  if (finish_->done) std::exchange(finish_->done, {})();
}

}  // namespace usher::net
