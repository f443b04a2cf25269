// The thread for usher's own HTTP requests: hooks and key sets. It is not a shard's, so that
// neither a slow name server nor a TLS handshake ever delays a client.
//
// Threads: post() from any; start(), stop(), join() and the destructor from the thread that made
// it; the rest on its own thread. Owns: the thread, its loop, the certificates that it trusts.
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
  // `ca_file`: a PEM file with more certificates to trust, or empty.
  explicit Outbound(std::string ca_file);
  ~Outbound();

  // Loads the certificates to trust, if it has none yet. Throws std::invalid_argument if `ca_file`
  // cannot be used.
  void load_trust();

  // Requires: load_trust() has returned.
  void start();
  void stop();  // at once; calls that are under way are given up
  void join();  // waits until a task on its own thread has stopped the loop

  void post(UniqueFunction<void()> task);

  boost::asio::io_context& io() { return io_; }
  const std::shared_ptr<boost::asio::ssl::context>& trust() const { return trust_; }

 private:
  const std::string ca_file_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::shared_ptr<boost::asio::ssl::context> trust_;
  std::thread thread_;
};

}  // namespace usher::http_client
