// The client as it was before usher, with its faults: it asks for a ticket without checking that
// there is a token, treats all failures alike, and always reconnects.
//
// Pure decisions, like client::ClientSession: inputs in, the next step out. Kept so that `usher
// demo` can show the difference.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace usher::apps {

class BeforeClient {
 public:
  struct Next {
    enum class Kind { ask_ticket, open_socket, wait, nothing } kind;
    std::chrono::milliseconds wait{};
  };

  Next connect();
  Next ticket_failed(int status);  // 0: no answer
  Next ticket_came() { return {.kind = Next::Kind::open_socket}; }
  Next connected();
  Next closed();

  const std::vector<std::string>& log() const { return log_; }

 private:
  Next schedule_reconnect();

  std::vector<std::string> log_;
  std::uint32_t reconnects_ = 0;
};

}  // namespace usher::apps
