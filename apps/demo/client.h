// A client of `usher demo`: the real client, with every line of its log recorded together with its
// time.
//
// Threads: the caller's. Everything happens inside run_until().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/system.h"
#include "client_net/client_connection.h"

namespace boost::asio {
class io_context;
}

namespace usher::apps {

struct DemoLine {
  double at_ms;  // since connect()
  std::string text;
};

struct DemoClientOptions {
  std::string url;
  std::string token;
  client_net::ConnectionFaults faults{};
};

class DemoClient {
 public:
  explicit DemoClient(const DemoClientOptions& options);
  ~DemoClient();

  void connect();

  // Runs until `done` returns true; it is called after each event. Returns false if that takes
  // longer than `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit);

  const std::vector<DemoLine>& lines() const { return lines_; }
  client::Status status() const { return connection_->status(); }

 private:
  SystemClock clock_;
  TimePoint connected_at_{};
  std::vector<DemoLine> lines_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::shared_ptr<client_net::ClientConnection> connection_;
};

}  // namespace usher::apps
