// The command line of `usher bench`: one subcommand for each mode, and the options that all share.
#pragma once

#include <string>
#include <vector>

#include "apps/command_line.h"
#include "bench/load/fanout.h"
#include "bench/load/modes.h"
#include "bench/load/storm.h"

namespace usher::apps {

enum class BenchMode { connect, idle, fanout, echo, tunnel, ticket, storm };

struct BenchArguments {
  BenchMode mode = BenchMode::connect;
  std::string url = "http://127.0.0.1:8080";
  bool bare = false;
  std::string upstream;  // of tunnels; empty: none
  std::string secret_file;
  std::string origin;
  std::vector<int> target_pids;
  std::size_t threads = 1;
  std::string timeout = "10s";
  bool json = false;

  bench::ConnectOptions connect;
  bench::IdleOptions idle;
  bench::FanoutOptions fanout;
  bench::EchoOptions echo;
  bench::TicketOptions ticket;
  bench::StormOptions storm;
  std::string down_for = "1s";
  std::string admin_url;
  std::string redis_url;
  std::string api_key_file;
  bool publish_by_was_given = false;
};

// Parses the arguments. Prints the help if it is asked for, or the error.
Parsed parse_bench_arguments(BenchArguments& arguments, int argc, char** argv);

// Returns one sentence about arguments that contradict each other, or "" if none do.
std::string contradiction_of(const BenchArguments& arguments);

}  // namespace usher::apps
