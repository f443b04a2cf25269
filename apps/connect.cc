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
#include <utility>
#include <vector>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "usher/client.h"

namespace usher::apps {
namespace {

constexpr std::size_t kReasonsMax = 8;  // of one failure

struct ConnectArguments {
  std::string url;
  std::vector<std::string> channels;
  std::string origin;
  std::string token;
  std::string ca_file;
  std::string guest_file;
  bool verbose = false;
};

Parsed parse(ConnectArguments& arguments, int argc, char** argv) {
  Arguments app(
      "Connects to a gateway as a client and prints the messages, until Ctrl-C or a hard failure.",
      "usher connect");
  app.text("URL", arguments.url, "the gateway, http(s)://host[:port][/prefix]").required();
  app.texts("-s,--subscribe", arguments.channels, "a channel; may be repeated");
  app.text("--origin", arguments.origin, "send this Origin, as a browser on that page would");
  const auto token =
      app.text("--token", arguments.token, "connect with this JWT instead of as a guest");
  app.text("--guest-file", arguments.guest_file,
           "keep the guest's token in this file, to stay the same guest")
      .excludes(token);
  app.text("--ca-file", arguments.ca_file, "trust these certificates too (PEM)");
  app.flag("-v,--verbose", arguments.verbose,
           "print the cause of every failure, not only a cause that differs from the last one");
  app.footer(
      "Example: usher connect http://localhost:8080 --subscribe news:1\n\n"
      "Prints messages to stdout, one {\"channel\",\"data\",\"offset\"} a line, and the client's "
      "lines to stderr.\n"
      "Exit codes: 0 interrupted, 1 failed, 2 bad usage, 3 hard failure (another attempt cannot "
      "help).");
  return app.parse(argc, argv);
}

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
      : signals_(loop_, SIGINT, SIGTERM), client_(options(arguments)) {
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
    options.on_log = [this](ClientLogLevel, const std::string& text) {
      std::fprintf(stderr, "%s\n", text.c_str());
      if (text == "[WS] Connected") reasons_.told.clear();
      if (text.starts_with("[WS] Reconnecting")) tell_reasons();
    };
    options.on_detail = [this, verbose = arguments.verbose](const std::string& text) {
      if (verbose) return print_reason(text);
      if (reasons_.untold.size() < kReasonsMax) reasons_.untold.push_back(text);
    };
    return options;
  }

  // Behind the lines of a failure: what it was, if it is another than before. A client that tries
  // for hours says it once.
  void tell_reasons() {
    std::set<std::string> now;
    for (const std::string& reason : std::exchange(reasons_.untold, {})) {
      if (!reasons_.told.contains(reason) && !now.contains(reason)) print_reason(reason);
      now.insert(reason);
    }
    if (!now.empty()) reasons_.told = std::move(now);
  }

  static void print_reason(const std::string& reason) {
    std::fprintf(stderr, "usher connect: %s\n", reason.c_str());
    if (reason.find("is not trusted") != std::string::npos) {
      std::fprintf(
          stderr,
          "usher connect: to trust it, name the certificate of its issuer: --ca-file FILE\n");
    }
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
  struct {
    std::vector<std::string> untold;
    std::set<std::string> told;  // with the last failure
  } reasons_;
  Client client_;  // last: its thread uses all of the above
};

}  // namespace

int run_connect(int argc, char** argv) {
  ConnectArguments arguments;
  const Parsed parsed = parse(arguments, argc, argv);
  if (!parsed.go_on) return parsed.exit_code;
  try {
    return ConnectRun(arguments).run();
  } catch (const std::invalid_argument& error) {
    return fail("connect", error.what(), kBadUsage);
  }
}

}  // namespace usher::apps
