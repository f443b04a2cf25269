// Connections to one endpoint that are kept for the next call. Under load, calls follow each other
// closely; to dial for each would cost a handshake and, in the end, all ports.
//
// A connection is kept for one to two seconds only, which is well below the time for which servers
// keep theirs, and it is checked before use. So a call hardly ever meets a connection that its
// server is just closing. It is never repeated: that could carry it out twice.
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

struct KeptStreams;

class KeptConnections {
 public:
  KeptConnections(const boost::asio::any_io_executor& executor, std::size_t connections_max);
  ~KeptConnections();

  KeptStreams& streams() { return *streams_; }

 private:
  std::unique_ptr<KeptStreams> streams_;
};

}  // namespace usher::http_client
