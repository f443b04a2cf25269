#include "simulation/fixed_backoff.h"

#include <cmath>

namespace usher::simulation {

using namespace client;

Output FixedBackoff::handle(const Input& input, Instant now) {
  if (std::holds_alternative<Connect>(input)) return ask_ticket();
  if (std::holds_alternative<Tick>(input)) return due_ && *due_ <= now ? ask_ticket() : Output{};
  if (std::holds_alternative<TicketFailed>(input) || std::holds_alternative<SocketClosed>(input)) {
    return wait(now);
  }
  Output out;
  if (std::holds_alternative<TicketReady>(input)) {
    out.effects.emplace_back(OpenSocket{attempt_, ""});
  } else if (std::holds_alternative<Frame>(input)) {
    status_ = Status::connected;
  }
  return out;
}

Output FixedBackoff::ask_ticket() {
  due_.reset();
  Output out;
  out.effects.emplace_back(FetchTicket{++attempt_, "", {}});
  return out;
}

Output FixedBackoff::wait(Instant now) {
  status_ = Status::reconnecting;
  const double ms = std::floor(250 * (1 + 0.25 * (2 * random_() - 1)));
  due_ = now + Millis(static_cast<std::int64_t>(ms));
  return {};
}

}  // namespace usher::simulation
