#include "net/shard.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <limits>
#include <utility>

#include "base/check.h"
#include "net/acceptor.h"
#include "net/connection.h"

namespace usher::net {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(1);
constexpr Duration kHeldUpStep = std::chrono::milliseconds(1);
// The spread over the window has already kept them apart: another node is there now, or this one is
// soon back.
constexpr Duration kRetryAfterDrain = std::chrono::seconds(1);
// Before so many sockets are written to, a look at what has come meanwhile is cheap: another
// message for the same subscribers leaves in the same writes.
constexpr std::size_t kManyDirty = 16;
constexpr Duration kDrainStep = std::chrono::milliseconds(20);
constexpr Duration kLastAnswers = std::chrono::milliseconds(250);

}  // namespace

// Lets the application look at its clocks once a second.
struct Shard::Heartbeat final : TimingWheel::Timer {
  explicit Heartbeat(Shard& s) : shard(s) { shard.wheel().arm(*this, shard.now() + kHeartbeat); }
  void on_deadline(TimePoint now) override {
    shard.wheel().arm(*this, now + kHeartbeat);  // first: a tick that throws is not the last
    shard.application().tick(now);
  }
  Shard& shard;
};

// The goodbyes of a drain, evenly over its window; then it waits for the last to leave.
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

// The last answers; then it is over.
struct Shard::Finish final : TimingWheel::Timer {
  Finish(Shard& s, Mailbox::Task d) : shard(s), began(s.now()), done(std::move(d)) {}
  void on_deadline(TimePoint now) override { shard.finish_on(now); }

  Shard& shard;
  const TimePoint began;
  Mailbox::Task done;
};

Shard::Shard(ShardOptions options, ShardDependencies dependencies)
    : options_(options),
      dependencies_(dependencies),
      now_(dependencies.clock.now()),
      wheel_(now_),
      mailbox_(poller_, dependencies.congestion, dependencies.clock,
               [this](const std::exception& broken) { report(broken); }),
      io_(1),
      events_(io_, poller_.fd()),
      deadline_(io_),
      next_turn_(io_),
      flusher_(options.sends) {}

Shard::~Shard() {
  events_.release();  // the descriptor is the poller's
}

void Shard::close_all() {
  for (auto& connection : connections_) connection.reset();
  connections_.clear();
}

void Shard::serve(edge::Application& application) {
  application_ = &application;
  heartbeat_ = std::make_unique<Heartbeat>(*this);
}

void Shard::listen(Fd listener, edge::ListenerRole role, std::shared_ptr<const TlsContext> tls) {
  acceptors_.push_back(
      std::make_unique<Acceptor>(*this, std::move(listener), role, std::move(tls)));
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
  const TimePoint next = wheel_.next().value_or(TimePoint::max());
  if (next == armed_for_ || next == TimePoint::max()) return;
  armed_for_ = next;
  deadline_.expires_after(next - dependencies_.clock.now());
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_ = TimePoint::max();
    now_ = dependencies_.clock.now();
    end_turn();
  });
}

void Shard::turn() {
  now_ = dependencies_.clock.now();
  if (is_held_up() || mailbox_.has_left_over()) mailbox_.run();
  try {
    handle_sockets();
  } catch (const std::exception& broken) {  // not of a connection: it would have caught it
    report(broken);
    has_more_ = true;
  }
  end_turn();
}

void Shard::handle_sockets() {
  const TurnBudget budget(dependencies_.clock);
  for (int i = 0; i < kBatchesPerTurn && !is_held_up(); ++i) {
    const Poller::Handled handled = poller_.handle_ready(budget);
    bury_retired();
    has_more_ = handled.may_be_more;
    if (budget.is_spent()) break;
    if (!has_more_ && (handled.count == 0 || to_flush_.size() < kManyDirty)) break;
  }
}

void Shard::run_turn(Mailbox::Task work) {
  now_ = dependencies_.clock.now();
  try {
    work();
  } catch (const std::exception& broken) {
    report(broken);
  }
  end_turn();
}

void Shard::end_turn() {
  advance_timers();
  if (!is_held_up()) run_waiting();
  flush();
  bury_retired();
  wait_for_deadline();
  begin_next();
}

// While held up, the sockets that are not read stay readable: epoll would report them again and
// again, so it is looked at in small steps instead.
void Shard::begin_next() {
  const bool has_more =
      std::exchange(has_more_, false) || mailbox_.has_left_over() || !to_run_.empty();
  if (is_held_up()) {
    held_up_at_ = now_;
    const bool is_behind = mailbox_.has_left_over();  // then it must not rest
    if (has_more || !waits_for_events_) turn_again(is_behind ? Duration::zero() : kHeldUpStep);
    return;
  }
  if (!waits_for_events_) wait_for_events();
  if (has_more) turn_again(Duration::zero());
}

// Never from within this turn: what else waits in the loop (Redis, signals, hooks) comes between.
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
    if (!wheel_.advance(now_, TurnBudget(dependencies_.clock))) has_more_ = true;
  } catch (const std::exception& broken) {
    report(broken);
    has_more_ = true;
  }
}

// Each once: a connection that wants another turn waits for the next.
void Shard::run_waiting() {
  if (to_run_.empty()) return;
  const TurnBudget budget(dependencies_.clock);
  for (std::size_t left = to_run_.size(); left > 0; --left) {
    to_run_.take()->run();
    if (budget.is_spent()) return;
  }
}

void Shard::flush_later(Connection& connection) { to_flush_.add(connection); }

void Shard::run_later(Connection& connection) { to_run_.add(connection); }

void Shard::flush() {
  const NotReentrant::Scope flushing(flushing_);
  flusher_.flush(to_flush_);
}

void Shard::bury_retired() {
  std::erase_if(retired_, [](const auto& connection) { return !connection->is_listed(); });
}

void Shard::report(const std::exception& broken) {
  dependencies_.log.error("internal error: please report it",
                          {LogField::whole("what", broken.what())});
  application_->on_internal_error(broken.what());
}

// ---- connections ----

void Shard::adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
                  const TlsContext* tls) {
  auto http = HttpConnection::make(*this, peer_address_text(peer), role, tls != nullptr);
  if (!http) return;  // its address holds too many half-open ones
  auto session = tls != nullptr ? std::make_unique<TlsSession>(*tls, fd.get()) : nullptr;
  auto connection = std::make_unique<Connection>(*this, Socket(std::move(fd), std::move(session)),
                                                 std::move(http));
  connections_.push_back(std::move(connection));
  Connection& adopted = *connections_.back();
  if (!adopted.start(connections_.size() - 1)) {
    dependencies_.log.error(
        "the kernel refuses to watch another socket (fs.epoll.max_user_watches)");
    adopted.abandon();
  }
}

void Shard::retire(Connection& connection) {
  const std::size_t index = connection.index();
  retired_.push_back(std::move(connections_[index]));
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->set_index(index);
  }
  connections_.pop_back();
}

bool Shard::give_up_idle(std::size_t count) {
  const std::size_t before = connections_.size();
  for (std::size_t i = before; i-- > 0 && before - connections_.size() < count;) {
    if (connections_[i]->is_idle_http()) connections_[i]->abandon();  // the last takes its place
  }
  return connections_.size() < before;
}

bool Shard::may_linger() {
  if (lingering_ >= options_.lingering_max) return false;
  ++lingering_;
  return true;
}

// ---- the end ----

void Shard::drain(Duration window, Mailbox::Task done) {
  drain_ = std::make_unique<Drain>(*this, window, std::move(done));
  drain_->began = now_ = dependencies_.clock.now();
  for (const auto& connection : connections_) drain_->total += connection->awaits_goodbye() ? 1 : 0;
  drain_on(now_);
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
  bool anybody_left = false;
  for (const auto& connection : connections_) {
    if (drain.told < due && connection->awaits_goodbye()) {
      ++drain.told;
      connection->say_goodbye(kRetryAfterDrain);
    }
    anybody_left = anybody_left || connection->is_admitted();
  }
  // Who has not left by then does not want to be told.
  const bool is_over = elapsed > drain.window + options_.goodbye_timeout + options_.linger_timeout;
  if (anybody_left && !is_over) return wheel_.arm(drain, now + kDrainStep);
  if (drain.done) std::exchange(drain.done, {})();
}

void Shard::finish(Mailbox::Task done) {
  now_ = dependencies_.clock.now();
  for (const auto& acceptor : acceptors_) acceptor->finish();
  finish_ = std::make_unique<Finish>(*this, std::move(done));
  finish_on(now_);
}

void Shard::finish_on(TimePoint now) {
  const bool is_over = now - finish_->began >= kLastAnswers;
  const bool anybody_left =
      std::any_of(connections_.begin(), connections_.end(),
                  [](const auto& connection) { return !connection->is_idle_http(); });
  if (anybody_left && !is_over) return wheel_.arm(*finish_, now + kDrainStep);
  if (finish_->done) std::exchange(finish_->done, {})();
}

}  // namespace usher::net
