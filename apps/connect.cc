// usher connect: a client on the command line. Its lines go to stderr, messages to stdout, one JSON
// object a line.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <csignal>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "apps/client_log.h"
#include "apps/command_line.h"
#include "apps/connect_arguments.h"
#include "apps/raw/raw_connect.h"
#include "usher/client.h"

namespace usher::apps {
namespace {

// `data` is put in as it came.
void print_message(const ClientMessage& message) {
  std::string line =
      "{\"channel\":" + boost::json::serialize(boost::json::string(message.channel)) +
      ",\"data\":" + message.data;
  if (message.offset) line += ",\"offset\":" + std::to_string(*message.offset);
  line += "}\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

class ConnectRun {
 public:
  explicit ConnectRun(const ConnectArguments& arguments)
      : signals_(loop_, SIGINT, SIGTERM), log_(arguments.verbose), client_(options(arguments)) {
    for (const std::string& channel : arguments.channels) client_.subscribe(channel);
  }

  // Until a signal (kDone), a hard failure, or nobody reads stdout any more.
  int run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      client_.disconnect();
      loop_.stop();
    });
    client_.connect();
    loop_.run();
    return exit_code_;
  }

 private:
  ClientOptions options(const ConnectArguments& arguments) {
    ClientOptions options{.url = arguments.url,
                          .token_source = arguments.token.empty()
                                              ? TokenSource::guest(arguments.guest_file)
                                              : TokenSource::fixed(arguments.token)};
    if (!arguments.origin.empty()) options.origin = arguments.origin;
    options.ca_file = arguments.ca_file;
    options.on_message = [this](const ClientMessage& message) {
      print_message(message);
      if (std::ferror(stdout)) stop(kFailed);
    };
    options.on_subscribed = [this](const std::string& channel, bool recovered) {
      if (!known_.insert(channel).second && !recovered) {
        std::fprintf(stderr, "usher connect: messages on %s may have been missed\n",
                     channel.c_str());
      }
    };
    options.on_subscription_failed = [](const std::string& channel, std::int64_t code) {
      std::fprintf(stderr, "usher connect: no subscription to %s (error %lld)\n", channel.c_str(),
                   static_cast<long long>(code));
    };
    options.on_failed = [this](const ClientFailure&) { stop(kHardFailure); };
    options.on_log = [this](ClientLogLevel, const std::string& text) { log_.line(text); };
    options.on_detail = [this](const std::string& text) { log_.cause(text); };
    return options;
  }

  // From the client's thread.
  void stop(int exit_code) {
    boost::asio::post(loop_, [this, exit_code] {
      exit_code_ = exit_code;
      loop_.stop();
    });
  }

  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_;
  int exit_code_ = kDone;
  // On the client's thread:
  std::set<std::string> known_;  // channels that were subscribed once
  ClientLog log_;
  Client client_;  // last: its thread uses all of the above
};

}  // namespace

int run_connect(int argc, char** argv) {
  ConnectArguments arguments;
  const Parsed parsed = parse_connect(arguments, argc, argv);
  if (!parsed.go_on) return parsed.exit_code;
  if (const std::string mistake = mistake_in(arguments); !mistake.empty())
    return fail("connect", mistake, kBadUsage);
  try {
    if (arguments.raw) return run_raw_connect(arguments);
    return ConnectRun(arguments).run();
  } catch (const std::invalid_argument& error) {
    return fail("connect", error.what(), kBadUsage);
  }
}

}  // namespace usher::apps
