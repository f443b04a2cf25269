// The gateway that `usher demo` runs against: a real Node in this process, on a port that the
// kernel chose, whose log it keeps and whose store, and whole existence, it can switch off.
//
// Threads: used from one; the gateway's shard is its own.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/log.h"
#include "node/keys.h"
#include "node/node.h"

namespace usher::apps {

class DemoGateway {
 public:
  DemoGateway();
  ~DemoGateway();

  std::string url() const { return "http://" + address_; }

  // A token that this gateway signed. No session: without that claim.
  std::string token(const std::string& session) const;

  // One that somebody else signed.
  std::string forged_token() const;

  void set_store_available(bool available) { node_->set_ticket_store_available(available); }
  void stop();
  void start_again();

  // Lines logged so far: each ticket, refusal and connection is one, so a number that stands still
  // means that nobody asks.
  std::size_t activity() const { return log_.lines; }

 private:
  struct CountingLog final : Log {
    void write(LogLevel, std::string_view, std::span<const LogField>) override { ++lines; }
    std::atomic<std::size_t> lines = 0;
  };

  void start(const std::string& listen);

  const node::DevSecrets secrets_;
  CountingLog log_;
  std::unique_ptr<node::Node> node_;
  std::string address_;
};

}  // namespace usher::apps
