// usher demo: a gateway and clients in one process walk the success timeline and every row of the
// failure table.
#include <cstdio>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "apps/demo/client.h"
#include "apps/demo/comparison.h"
#include "apps/demo/gateway.h"
#include "apps/demo/rows.h"

namespace usher::apps {
namespace {

using namespace std::chrono_literals;

constexpr Duration kEndMax = 20s;   // until a row has come to its end
constexpr Duration kQuietFor = 1s;  // a stopped client is watched for that long
constexpr std::size_t kLastLines = 5;

class DemoRun {
 public:
  // Whether every row held.
  bool run() {
    std::printf("usher demo: a gateway and its clients in this process, on %s\n",
                gateway_.url().c_str());
    for (const DemoRow& row : demo_rows()) {
      ++number_;
      std::printf("\n%s%s\n    expected: %.*s\n",
                  number_ == 1 ? "" : ("Row " + std::to_string(number_ - 1) + ": ").c_str(),
                  std::string(row.title).c_str(), static_cast<int>(row.promise.size()),
                  row.promise.data());
      const bool held = run_row(row);
      std::printf("    %s\n", held ? "held" : "DID NOT HOLD");
      if (!held) ++failed_;
    }
    print_comparison();
    const std::size_t rows = demo_rows().size();
    std::printf("\n%zu of %zu rows hold.\n", rows - failed_, rows);
    return failed_ == 0;
  }

 private:
  bool run_row(const DemoRow& row) {
    break_something(row.fault);
    DemoClient client(client_options(row.fault));
    client.connect();
    bool mended = false;
    const bool ended = client.run_until(
        [&] {
          // A soft failure is mended once the client has said that it will come back.
          if (!mended && client.lines().size() >= row.lines.size()) {
            mended = true;
            mend(row.fault);
          }
          return row.end == DemoEnd::connected
                     ? client.status() == client::Status::connected
                     : client.status() == client::Status::disconnected && mended;
        },
        kEndMax);
    bool held = print_lines(row, client.lines()) && ended;
    if (row.end == DemoEnd::stopped) held = stays_quiet(client) && held;
    return held;
  }

  DemoClientOptions client_options(DemoFault fault) const {
    DemoClientOptions options{.url = gateway_.url(), .token = gateway_.token("sess_demo")};
    if (fault == DemoFault::forged_token) options.token = gateway_.forged_token();
    if (fault == DemoFault::no_session) options.token = gateway_.token("");
    if (fault == DemoFault::foreign_origin) options.faults.socket_origin = "https://evil.example";
    if (fault == DemoFault::refused_ticket) options.faults.ticket = "not-a-ticket-of-this-gateway";
    return options;
  }

  void break_something(DemoFault fault) {
    if (fault == DemoFault::store_down) gateway_.set_store_available(false);
    if (fault == DemoFault::gateway_down) gateway_.stop();
  }

  void mend(DemoFault fault) {
    if (fault == DemoFault::store_down) gateway_.set_store_available(true);
    if (fault == DemoFault::gateway_down) gateway_.start_again();
  }

  // Beside each line, whether it is the expected one. Returns whether all were.
  static bool print_lines(const DemoRow& row, const std::vector<DemoLine>& lines) {
    bool all = true;
    for (std::size_t i = 0; i < std::max(lines.size(), row.lines.size()); ++i) {
      const std::optional<std::string_view> expected = expected_line(row, i, lines.size());
      if (i >= lines.size()) {
        std::printf("    missing: %.*s\n", static_cast<int>(expected->size()), expected->data());
        all = false;
        continue;
      }
      const bool matches = !expected || line_matches(*expected, lines[i].text);
      const char* mark = !expected ? " " : matches ? "=" : "!";
      std::printf("  %s %8.1f ms  %s\n", mark, lines[i].at_ms, lines[i].text.c_str());
      if (!matches)
        std::printf("     expected:  %.*s\n", static_cast<int>(expected->size()), expected->data());
      all = all && matches;
    }
    return all;
  }

  // Nothing: a line between the first failure and the last, successful attempt.
  static std::optional<std::string_view> expected_line(const DemoRow& row, std::size_t index,
                                                       std::size_t count) {
    if (index < row.lines.size()) return row.lines[index];
    if (row.end == DemoEnd::stopped || count < kLastLines) return "(nothing more)";
    if (index + kLastLines < count) return std::nullopt;
    return demo_rows().front().lines[index + kLastLines - count];
  }

  // A client that has stopped says nothing more and asks nobody.
  bool stays_quiet(DemoClient& client) const {
    const std::size_t lines = client.lines().size();
    const std::size_t activity = gateway_.activity();
    client.run_until([&] { return client.lines().size() > lines; }, kQuietFor);
    const std::size_t more = client.lines().size() - lines + gateway_.activity() - activity;
    std::printf("    requests and lines in the second after it: %zu\n", more);
    return more == 0;
  }

  static void print_comparison() {
    std::printf(
        "\nThe client before and after, each for ten seconds of virtual time (down means: back "
        "after 3.5 s)\n\n"
        "  %-26s %-45s %s\n  %-26s %-45s %s\n",
        "", "before", "after", "", "requests sockets lines outcome",
        "requests sockets lines outcome");
    for (const DemoRow& row : demo_rows()) {
      std::printf("  %-26s", std::string(row.title).c_str());
      print_tally(run_before(row.fault), 21);
      print_tally(run_after(row.fault), 0);
      std::printf("\n");
    }
  }

  static void print_tally(const DemoTally& tally, int width) {
    std::printf(" %8d %7d %5d %-*s", tally.ticket_requests, tally.sockets, tally.lines, width,
                outcome_text(tally).c_str());
  }

  DemoGateway gateway_;
  std::size_t number_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace

int run_demo(int argc, char** argv) {
  Arguments app(
      "Starts a gateway and clients in this process, and goes through a success and every row of "
      "the "
      "failure\n"
      "table. Prints each line of the client with its time, beside the expected line.",
      "usher demo");
  app.footer("Example: usher demo\n\nExit codes: 0 if every row held, 1 if one did not.");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  return DemoRun().run() ? kDone : kFailed;
}

}  // namespace usher::apps
