// Any bytes as requests of one connection. The first byte says in pieces of what size they come:
// that must change nothing; and what was accepted, written out again, must read the same.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "wire/http_parser.h"
#include "wire/ws_handshake.h"

namespace {

using namespace usher::wire;
using State = HttpParser::State;

constexpr std::size_t kBodyMax = 300;

// Nothing: none is wanted.
std::optional<std::size_t> body_limit(const HttpRequest& head) {
  if (head.path() == "/n") return std::nullopt;
  return kBodyMax;
}

struct Seen {
  State state = State::need_more;
  std::size_t consumed = 0;
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> fields;
  bool keep_alive = false;
  int minor_version = 1;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen look(const HttpParser& parser, State state) {
  Seen seen;
  seen.state = state;
  if (state != State::complete) return seen;
  const HttpRequest& request = parser.request();
  seen.consumed = parser.consumed();
  seen.method = request.method;
  seen.target = request.target;
  if (seen.target != "*" && !seen.target.starts_with('/')) seen.target.insert(0, "/");
  seen.body = request.body;
  seen.keep_alive = request.keep_alive;
  seen.minor_version = request.minor_version;
  for (const auto& [name, value] : request.fields) seen.fields.emplace_back(name, value);
  return seen;
}

// The requests in `bytes`, up to the first that is refused or not complete.
std::vector<Seen> read_all(std::string bytes, std::size_t step) {
  HttpParser parser(body_limit);
  std::vector<Seen> all;
  std::size_t come = 0;
  while (come < bytes.size()) {
    come = std::min(bytes.size(), come + step);
    const std::string elsewhere = bytes.substr(0, come);
    const State state = parser.parse(elsewhere);
    if (state == State::need_more) continue;
    all.push_back(look(parser, state));
    if (state == State::refused) return all;
    USHER_CHECK(parser.consumed() <= come && !parser.request().method.empty());
    bytes.erase(0, parser.consumed());
    come = 0;
  }
  return all;
}

void check_again(const Seen& seen) {
  std::string text =
      seen.method + " " + seen.target + " HTTP/1." + std::to_string(seen.minor_version) + "\r\n";
  for (const auto& [name, value] : seen.fields) text += name + ": " + value + "\r\n";
  text += "\r\n";
  const bool chunked = std::ranges::any_of(seen.fields, [](const auto& field) {
    return field.first.size() == 17 && field.second.size() == 7;  // Transfer-Encoding: chunked
  });
  // An absolute target may have brought a Host besides.
  const bool too_large = text.size() > kHttpHeadBytesMax || seen.fields.size() > kHttpFieldsMax;
  if (too_large || chunked) return;
  HttpParser parser(body_limit);
  Seen again = look(parser, parser.parse(text + seen.body));
  USHER_CHECK(again.state == State::complete && again.consumed == text.size() + seen.body.size());
  again.consumed = seen.consumed;
  USHER_CHECK(again == seen);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read_all(bytes, bytes.size() + 1);
  const auto pieces = read_all(bytes, data[0] % 32 + 1);
  USHER_CHECK(whole == pieces);
  for (const Seen& seen : whole) {
    if (seen.state == State::complete) check_again(seen);
  }
  HttpParser parser(body_limit);
  if (!bytes.empty() && parser.parse(bytes) == State::complete) {
    const Upgrade upgrade = read_upgrade(parser.request());
    const OfferedTicket offered = read_offered_ticket(parser.request(), {});
    // An upgrade and a proxy's question about it find the same ticket.
    USHER_CHECK(upgrade.outcome != UpgradeOutcome::ok ||
                (upgrade.ticket_offer == offered.offer && upgrade.ticket == offered.ticket));
  }
  return 0;
}
