#include "apps/connect_arguments.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "apps/arguments.h"

namespace usher::apps {

namespace {

constexpr double kWaitSecondsMax = 86400;

void add_raw(Arguments& app, ConnectArguments& arguments, Arguments::Option channels) {
  auto raw =
      app.flag("--raw", arguments.raw,
               "the URL is an application's own socket behind the gateway: send lines of stdin as "
               "text messages, print text messages as lines")
          .excludes(channels);
  auto prefix = app.text("--prefix", arguments.prefix,
                         "with --raw: the gateway's path prefix (http.prefix), if it has one");
  prefix.needs(raw);
  app.text("--gateway", arguments.gateway,
           "with --raw: the gateway, http(s)://host[:port][/prefix], if the socket is elsewhere: "
           "its server redeems tickets itself")
      .needs(raw)
      .excludes(prefix);
  app.texts("--subprotocol", arguments.subprotocols,
            "with --raw: offer this subprotocol; may be repeated, the best first")
      .needs(raw);
  auto binary = app.flag("-b,--binary", arguments.binary,
                         "with --raw: send what each read of stdin brings as one binary "
                         "message, print the bytes of all messages as they come");
  binary.needs(raw);
  app.flag("-0,--null", arguments.null_ends,
           "with --raw: a line ends with a zero byte, on stdin and stdout")
      .needs(raw)
      .excludes(binary);
  auto keep = app.flag("-n,--no-close", arguments.keep_open,
                       "with --raw: go on receiving after the end of stdin");
  keep.needs(raw);
  app.number("-w,--wait", arguments.wait_seconds, 0, kWaitSecondsMax,
             "with --raw: seconds to go on receiving after the end of stdin")
      .needs(raw)
      .excludes(keep)
      .shows_default();
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace

Parsed parse_connect(ConnectArguments& arguments, int argc, char** argv) {
  Arguments app(
      "Connects to a gateway as a client and prints the messages, until Ctrl-C or a hard failure.",
      "usher connect");
  app.text("URL", arguments.url,
           "the gateway, http(s)://host[:port][/prefix]; with --raw the socket, "
           "http(s)://host[:port]/path[?query]")
      .required();
  const auto channels =
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
  add_raw(app, arguments, channels);
  app.footer(
      "Example: usher connect http://localhost:8080 --subscribe news:1\n"
      "         usher connect --raw http://localhost:8080/board\n\n"
      "Prints messages to stdout, one {\"channel\",\"data\",\"offset\"} a line, and the client's "
      "lines to stderr.\n"
      "With --raw a message is one line; a line end inside it is printed as a space. What is typed "
      "while the\n"
      "connection is lost is sent when it is back; messages on their way at that moment may be "
      "lost. After the\n"
      "end of stdin the connection is closed with 1000, and lost it is not opened again.\n"
      "Exit codes: 0 interrupted, or all of stdin sent; 1 failed; 2 bad usage; 3 hard failure "
      "(another attempt\n"
      "cannot help).");
  return app.parse(argc, argv);
}

std::string mistake_in(const ConnectArguments& arguments) {
  if (!arguments.prefix.empty() && !arguments.prefix.starts_with('/'))
    return "--prefix must begin with /";
  std::set<std::string> seen;
  for (const std::string& subprotocol : arguments.subprotocols) {
    if (!is_token(subprotocol))
      return "--subprotocol must be a word of letters, digits and - . _ and the like";
    if (subprotocol.starts_with("usher."))
      return "--subprotocol must not begin with \"usher.\": those are the gateway's own";
    if (!seen.insert(subprotocol).second)
      return "--subprotocol " + subprotocol + " stands there twice";
  }
  return "";
}

}  // namespace usher::apps
