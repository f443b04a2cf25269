#include "net/shard.h"

#include <algorithm>
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
    shard.application().tick(now);
    shard.wheel().arm(*this, now + kHeartbeat);
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

Shard::Shard(ShardOptions options, ShardServices services)
    : options_(options),
      services_(services),
      now_(services.clock.now()),
      wheel_(now_),
      mailbox_(poller_, services.congestion),
      io_(1),
      events_(io_, poller_.fd()),
      deadline_(io_),
      held_up_(io_),
      flusher_(options.sends) {}

Shard::~Shard() {
  events_.release();  // the descriptor is the poller's
}

void Shard::close_all() {
  for (auto& connection : connections_) connection.reset();
  connections_.clear();
}

void Shard::serve(Application& application) {
  application_ = &application;
  heartbeat_ = std::make_unique<Heartbeat>(*this);
}

void Shard::listen(Fd listener, gateway::Listener role, std::shared_ptr<const TlsContext> tls) {
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
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (error) return;
                       turn();
                       is_held_up() ? wait_while_held_up() : wait_for_events();
                     });
}

// The sockets stay readable all the while: epoll would report them again and again.
void Shard::wait_while_held_up() {
  held_up_.expires_after(kHeldUpStep);
  held_up_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    turn();
    is_held_up() ? wait_while_held_up() : wait_for_events();
  });
}

void Shard::wait_for_deadline() {
  const TimePoint next = wheel_.next().value_or(TimePoint::max());
  if (next == armed_for_ || next == TimePoint::max()) return;
  armed_for_ = next;
  deadline_.expires_after(next - services_.clock.now());
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_ = TimePoint::max();
    now_ = services_.clock.now();
    end_turn();
  });
}

void Shard::turn() {
  now_ = services_.clock.now();
  if (is_held_up()) mailbox_.run_batch();
  for (int i = 0; i < kBatchesPerTurn && !is_held_up(); ++i) {
    const std::size_t handled = poller_.handle_ready();
    bury_retired();
    const bool may_be_more = handled == Poller::kBatch;
    if (!may_be_more && (handled == 0 || dirty_.size() < kManyDirty)) break;
  }
  end_turn();
}

void Shard::run_turn(Mailbox::Task work) {
  now_ = services_.clock.now();
  work();
  end_turn();
}

void Shard::end_turn() {
  wheel_.advance(now_);
  flush_dirty();
  bury_retired();
  wait_for_deadline();
}

void Shard::flush_dirty() {
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    flusher_.flush(flushing_);
    flushing_.clear();
  }
}

void Shard::bury_retired() {
  if (retired_.empty()) return;
  flush_dirty();  // nobody may be in that list who is about to go
  retired_.clear();
}

// ---- connections ----

void Shard::adopt(Fd fd, const sockaddr_storage& peer, gateway::Listener role,
                  const TlsContext* tls) {
  auto http = HttpConnection::make(*this, peer_address_text(peer), role, tls != nullptr);
  if (!http) return;  // its address holds too many half-open ones
  auto session = tls != nullptr ? std::make_unique<TlsSession>(*tls, fd.get()) : nullptr;
  auto connection = std::make_unique<Connection>(*this, Socket(std::move(fd), std::move(session)),
                                                 std::move(http));
  connections_.push_back(std::move(connection));
  Connection& adopted = *connections_.back();
  if (!adopted.start(connections_.size() - 1)) {
    services_.log.error("the kernel refuses to watch another socket (fs.epoll.max_user_watches)");
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
  drain_->began = now_ = services_.clock.now();
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
  now_ = services_.clock.now();
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
