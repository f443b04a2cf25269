// A client as a first attempt might write it: 250 ms ±25 % after each failure, whatever the server
// says.
//
// It has the inputs and outputs of client::ClientSession, as far as a storm needs them.
#pragma once

#include <optional>

#include "client/protocol.h"
#include "client/reconnect_policy.h"

namespace usher::simulation {

class FixedBackoff {
 public:
  explicit FixedBackoff(client::Random random) : random_(std::move(random)) {}

  client::Output handle(const client::Input& input, client::Instant now);
  std::optional<client::Instant> timer() const { return due_; }
  client::Status status() const { return status_; }

 private:
  client::Output ask_ticket();
  client::Output wait(client::Instant now);

  client::Random random_;
  client::Attempt attempt_ = 0;
  client::Status status_ = client::Status::disconnected;
  std::optional<client::Instant> due_;
};

}  // namespace usher::simulation
