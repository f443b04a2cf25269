// The modes of `usher bench`. Each turns the loops until its work is done, and returns a report.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "bench/load/load_threads.h"
#include "bench/load/report.h"

namespace usher::bench {

enum class Tickets : std::uint8_t {
  each,      // one ticket call and one upgrade per handshake: the whole cycle
  prepared,  // all tickets come first; only the upgrades are measured
};

enum class Farewell : std::uint8_t {
  frame,  // close frames both ways, as browsers do
  reset,  // no close frame: ends at once, as a lost network looks to the server
};

struct ConnectOptions {
  std::size_t count = 10'000;
  std::size_t concurrency = 64;
  Tickets tickets = Tickets::each;
  Farewell farewell = Farewell::frame;
};
Report measure_connect(LoadThreads& threads, const ConnectOptions& options);

struct TicketOptions {
  std::size_t count = 100'000;
  std::size_t concurrency = 64;
  bool plain_get = false;  // GET of the URL, for servers without tickets
};
Report measure_ticket(LoadThreads& threads, const TicketOptions& options);

struct IdleOptions {
  std::size_t count = 8'000;
  std::size_t before = 1'000;  // connect first, so that one-time memory does not count
};
Report measure_idle(LoadThreads& threads, const IdleOptions& options);

struct EchoOptions {
  std::size_t connections = 100;
  std::size_t messages = 1'000'000;
  std::size_t bytes = 64;
};
Report measure_echo(LoadThreads& threads, const EchoOptions& options);

}  // namespace usher::bench
