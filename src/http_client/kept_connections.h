// Connections to one endpoint, kept for a moment for the next call: under load calls follow each
// other closely, and dialing for each would cost a handshake and, in the end, all ports.
//
// Kept for one to two seconds only, well below what servers keep them; and looked at before use. So
// a call hardly ever meets a connection that its server is just closing, and need not be repeated,
// which could carry it out twice.
//
// Threads: belongs to its executor. Owns: the connections. Must outlive the calls that use it.
// Limits: connections_max.
#pragma once

#include <cstddef>
#include <memory>

namespace boost::asio {
class any_io_executor;
}

namespace usher::http_client {

class KeptConnections {
 public:
  KeptConnections(const boost::asio::any_io_executor& executor, std::size_t connections_max);
  ~KeptConnections();

  struct Streams;  // kept_streams.h
  Streams& streams() { return *streams_; }

 private:
  std::unique_ptr<Streams> streams_;
};

}  // namespace usher::http_client
