// The node to which all clients go when another node has died: the answers of its limits, without
// sockets.
//
// The gateway's own classes decide: limits::TicketQueue, or limits::NodeRate with a plain
// Retry-After (the behaviour before there were places).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/protocol.h"
#include "limits/node_rate.h"
#include "limits/ticket_queue.h"
#include "support/seeded_entropy.h"

namespace usher::simulation {

enum class Refuses : std::uint8_t {
  with_backoff,  // 503, Retry-After: 2
  with_a_place,  // 503, "place":true
};

class GatewayModel {
 public:
  GatewayModel(Refuses refuses, std::uint32_t tickets_per_second);

  // Answers POST /auth/ticket: nullopt is a ticket, anything else the refusal.
  std::optional<client::HttpFailure> ask_ticket(const std::string& session, client::Instant now);

  std::uint64_t requests() const { return requests_; }
  std::uint64_t issued() const { return issued_; }
  // Requests and tickets in the second that had the most.
  std::uint32_t requests_peak() const;
  std::uint32_t issued_peak() const;

 private:
  test::SeededEntropy entropy_;
  const Refuses refuses_;
  limits::NodeRate rate_;
  limits::TicketQueue queue_;
  std::uint64_t requests_ = 0;
  std::uint64_t issued_ = 0;
  std::vector<std::uint32_t> requests_in_;  // by second
  std::vector<std::uint32_t> issued_in_;
};

}  // namespace usher::simulation
