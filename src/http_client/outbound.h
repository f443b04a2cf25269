// The thread of what usher asks of others over HTTP: hooks and key sets. Apart from the shards, so
// that neither a slow name server nor a TLS handshake ever holds up a client.
//
// Threads: post() from any; start(), stop() and the destructor from the thread that made it; the
// rest on its own thread. Owns: the thread, its loop, whom it trusts.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "base/unique_function.h"

namespace boost::asio::ssl {
class context;
}

namespace usher::http_client {

class Outbound {
 public:
  // `ca_file`: PEM with more certificates to believe, or empty. Throws std::invalid_argument.
  explicit Outbound(const std::string& ca_file);
  ~Outbound();

  void start();
  void stop();  // at once; what is under way is given up
  void join();  // waits until its own thread stops it

  void post(UniqueFunction<void()> task);

  boost::asio::io_context& io() { return io_; }
  const std::shared_ptr<boost::asio::ssl::context>& trust() const { return trust_; }

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::shared_ptr<boost::asio::ssl::context> trust_;
  std::thread thread_;
};

}  // namespace usher::http_client
