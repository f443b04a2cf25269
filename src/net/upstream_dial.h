// The way to an upstream's answer: resolves its name, connects, sends the upgrade request and reads
// the head of the answer.
//
//     ready ─▶ resolving ─▶ connecting ─▶ asking ─▶ answered ─▶ over
//
// It is over, too, when it has failed or is given up.
//
// The addresses of a name are tried one after the other; each gets an equal part of the time that is
// left, so that a dead one does not use up all.
//
// Threads: belongs to its shard.  Owned by: its tunnel, which is its Owner. It must outlive the batch
// of events in which it ends.  Borrows: the shard's context.
// Limits: UpstreamTarget::connect_timeout for all of it; wire::kAnswerHeadBytesMax.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "edge/tunnel.h"
#include "net/shard_context.h"
#include "net/socket.h"
#include "net/socket_writer.h"
#include "net/timing_wheel.h"
#include "net/upstream_addresses.h"
#include "net/watch.h"

namespace usher::net {

class UpstreamDial final : public Pollable, public TimingWheel::Timer {
 public:
  class Owner {
   public:
    // One of these is called once. `answer` is good during the call.
    virtual void on_upstream_answer(const wire::HttpAnswer& answer) = 0;
    virtual void on_upstream_unreachable(const edge::Unreachable& reason) = 0;
    // An invariant is broken, here or in a call of the owner.
    virtual void break_off(const std::exception& broken) = 0;

   protected:
    ~Owner() = default;
  };

  // `request`: a whole head. The time begins to run.
  UpstreamDial(ShardContext& shard, Owner& owner, std::size_t upstream, std::string request);

  std::size_t upstream() const { return upstream_; }

  // Begins, unless it has begun already. It may call the owner at once.
  void start();
  // Goes on with these addresses of the name, for which start() has asked; `why` says why there is
  // none. Does nothing in another stage.
  void take_addresses(const std::vector<SocketAddress>& addresses, const std::string& why);
  // Closes the socket. The owner gets no call any more.
  void give_up();

  // Returns the bytes that came behind the answer.
  std::string_view rest() const { return reader_.rest(); }
  // Returns the connected socket, which the shard's epoll set still holds, for no event. Requires: an
  // answer.
  Socket take_socket();

 private:
  enum class Stage : std::uint8_t { ready, resolving, connecting, asking, answered, over };

  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;

  template <class Work>
  void guarded(Work work);
  void handle_events(std::uint32_t events);
  void handle_deadline(TimePoint now);
  void try_next_address(const std::string& why);
  bool connect(const SocketAddress& address);
  void on_connected();
  void begin_tls();
  void ask();
  void read_answer();
  IoResult receive();
  void fail(edge::Unreachable::Why why, const std::string& fault);
  std::string fault(std::string_view what) const { return step_ + ": " + std::string(what); }
  void watch();
  const UpstreamTarget& target() const { return shard_.upstreams().target(upstream_); }

  ShardContext& shard_;
  Owner& owner_;
  const std::size_t upstream_;
  std::string request_;
  const TimePoint until_;
  Stage stage_ = Stage::ready;
  Watch watch_;
  bool read_wants_write_ = false;  // OpenSSL must write before it can read on
  std::string step_;               // what it is at, for a person
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;  // of the addresses
  Socket socket_{Fd(), nullptr};
  SocketWriter writer_;
  wire::HttpAnswerReader reader_;
  std::shared_ptr<UpstreamDial*> alive_;  // while addresses are awaited
};

}  // namespace usher::net
