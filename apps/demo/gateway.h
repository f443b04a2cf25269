// The gateway that `usher demo` runs against: a real Node in this process, on a port that the
// kernel chose. It counts the node's log lines, and can switch off its store or stop it altogether.
//
// Threads: used from one; the gateway's shard has its own.
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

  // Returns a token that this gateway signed. With an empty `session` it lacks that claim.
  std::string token(const std::string& session) const;

  // Returns a token that is signed with another key.
  std::string forged_token() const;

  void set_store_available(bool available) { node_->set_ticket_store_available(available); }
  void stop();
  void start_again();

  // Returns the number of lines logged so far. Each ticket, refusal and connection logs one, so a
  // number that does not change means that there are no requests.
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
