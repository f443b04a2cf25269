// The addresses at which a shard reaches its upstreams.
//
// Names are resolved again and again, because a backend moves: an answer is good for kFreshFor. Then
// the name is asked for again, and the old answer serves for kServesOnFor more, so that a name server
// that is slow, away or in error stops no tunnel. An older one does not: the address may be another
// server's by now. All that have to wait wait for one question.
//
// getaddrinfo() blocks, so Asio runs it on a thread of the shard's loop.
//
// Threads: belongs to one shard. Borrows: the loop, and the way into a turn of it.
#pragma once

#include <sys/socket.h>

#include <openssl/types.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "net/mailbox.h"

namespace usher::net {

// Where an upstream listens, and how its tunnels are kept.
struct UpstreamTarget {
  std::string host;       // a name or an address; empty: unix_path
  std::string port;       // digits
  std::string unix_path;  // of its socket
  bool tls = false;
  Duration connect_timeout = std::chrono::seconds(5);  // from the name to the answer
  Duration idle_timeout{};                             // 0: none
  std::size_t buffer_bytes = 64 * 1024;                // of each direction
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;  // for a person
};

class UpstreamAddresses {
 public:
  static constexpr Duration kFreshFor = std::chrono::seconds(5);
  static constexpr Duration kServesOnFor = std::chrono::seconds(30);

  // Addresses, none if the name has none; `why` then says it for a person. Called once.
  using Done =
      UniqueFunction<void(const std::vector<SocketAddress>& addresses, const std::string& why)>;

  // `run_turn` runs a task as a turn of the shard's loop. `trust` is null without TLS.
  UpstreamAddresses(std::vector<UpstreamTarget> targets, SSL_CTX* trust,
                    boost::asio::io_context& io, std::function<void(Mailbox::Task)> run_turn,
                    const Clock& clock);

  const UpstreamTarget& target(std::size_t upstream) const { return names_[upstream].target; }
  SSL_CTX* trust() const { return trust_; }

  // Calls `done` at once if there is an answer that serves, else in a later turn.
  void resolve(std::size_t upstream, Done done);

  // The address is good, so the next connection begins with it.
  void prefer(std::size_t upstream, const SocketAddress& address);

 private:
  struct Name {
    UpstreamTarget target;
    std::vector<SocketAddress> addresses;
    TimePoint fresh_until = TimePoint::min();   // then the name is asked for again
    TimePoint serves_until = TimePoint::min();  // then the addresses are forgotten
    bool is_asked = false;
    std::vector<Done> waiting;
  };

  void ask(std::size_t upstream);
  void on_answer(std::size_t upstream, const boost::system::error_code& error,
                 const boost::asio::ip::tcp::resolver::results_type& results);

  std::vector<Name> names_;
  SSL_CTX* const trust_;
  boost::asio::ip::tcp::resolver resolver_;
  const std::function<void(Mailbox::Task)> run_turn_;
  const Clock& clock_;
};

}  // namespace usher::net
