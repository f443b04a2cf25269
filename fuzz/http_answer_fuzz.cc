// Any bytes as an upstream's answer to the upgrade. The answer is the same, however the bytes are
// cut. Only a 101 opens a tunnel, and only if it has the right accept key and selects a subprotocol
// and extensions that the client offered.
//
// Beast judges a head that comes in pieces when it is whole. So bytes that are no HTTP may be found
// later than in one piece; they are never taken for an answer.
//
// Input: a count n up to 7, n chunk sizes that repeat, the stream.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "doors/upstream_verdict.h"
#include "wire/http_answer.h"

namespace {

using namespace usher::doors;
using usher::wire::HttpAnswer;
using usher::wire::HttpAnswerReader;
using State = HttpAnswerReader::State;

constexpr std::size_t kCutsMax = 200;  // then the rest in one piece: speed
// RFC 6455 section 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr usher::WallTime kNow{std::chrono::seconds(1'445'412'480)};

struct Seen {
  State state = State::need_more;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string rest;  // and what was not handed over
  bool operator==(const Seen&) const = default;
};

Seen read(std::string_view stream, std::string_view sizes) {
  HttpAnswerReader reader;
  Seen seen;
  std::size_t turn = 0, at = 0;
  while (at < stream.size() && seen.state == State::need_more) {
    const bool cut = !sizes.empty() && turn < kCutsMax;
    const std::size_t wanted =
        cut ? 1 + static_cast<std::uint8_t>(sizes[turn++ % sizes.size()]) : stream.size() - at;
    const std::string piece(stream.substr(at, wanted));  // its own, so that reading beyond it shows
    at += piece.size();
    seen.state = reader.read(piece);
  }
  if (seen.state == State::malformed) USHER_CHECK(!reader.what().empty());
  for (const char c : reader.what()) USHER_CHECK(c >= 0x20 && c < 0x7f);
  if (seen.state != State::complete) return seen;
  seen.status = reader.answer().status;
  seen.fields = reader.answer().fields;
  seen.rest = std::string(reader.rest()) + std::string(stream.substr(at));
  USHER_CHECK(stream.ends_with(seen.rest));
  return seen;
}

const Offer& offer() {
  static const Offer kOffer{.key = std::string(kKey),
                            .protocols = {"chat", "superchat"},
                            .extensions = "permessage-deflate; client_max_window_bits",
                            .knows_accepted = true};
  return kOffer;
}

// What goes on to the client is one head, which says what the upstream has said.
void check_accepting(const UpstreamVerdict& verdict) {
  const std::string head = accepting_101(offer(), verdict.protocol, verdict.extensions);
  USHER_CHECK(head.find("\r\n\r\n") == head.size() - 4);
  USHER_CHECK(std::count(head.begin(), head.end(), '\n') ==
              std::count(head.begin(), head.end(), '\r'));
  USHER_CHECK(std::count(head.begin(), head.end(), '\n') <= 7);
  USHER_CHECK(head.find('\0') == std::string::npos);
  const Seen again = read(head, {});
  USHER_CHECK(again.state == State::complete && again.status == 101 && again.rest.empty());
  const HttpAnswer answer{.status = again.status, .fields = again.fields};
  USHER_CHECK(answer.find("sec-websocket-extensions").value_or("") == verdict.extensions);
  USHER_CHECK(answer.find("sec-websocket-protocol") ==
              (verdict.protocol.empty() ? kAcceptedSubprotocol : verdict.protocol));
}

void check(const UpstreamVerdict& verdict, std::string_view stream, int status) {
  for (const char c : verdict.what) USHER_CHECK(c >= 0x20 && c < 0x7f);
  if (verdict.retry_after) {
    USHER_CHECK(*verdict.retry_after >= std::chrono::seconds(0));
    USHER_CHECK(*verdict.retry_after <= std::chrono::hours(24));
  }
  const bool is_open = verdict.result == UpstreamResult::opened;
  USHER_CHECK(verdict.what.empty() == is_open);
  USHER_CHECK((verdict.result == UpstreamResult::refused) ==
              (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429));
  if (!is_open) return;
  USHER_CHECK(status == 101);
  USHER_CHECK(stream.find(kAccept) != std::string_view::npos);
  USHER_CHECK(verdict.protocol.empty() || verdict.protocol == "chat" ||
              verdict.protocol == "superchat");
  check_accepting(verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t count = std::min<std::size_t>(data[0] % 8, size - 1);
  const std::string_view stream = input.substr(1 + count);
  const Seen whole = read(stream, {});
  for (const std::string_view sizes : {input.substr(1, count), std::string_view("\0", 1)}) {
    const Seen cut = read(stream, sizes);
    const bool is_found_later = whole.state == State::malformed && cut.state == State::need_more;
    USHER_CHECK(cut == whole || is_found_later);
  }
  if (whole.state != State::complete) return 0;
  USHER_CHECK(whole.status == 101 || whole.status < 100 || whole.status >= 200);
  check(judge({.status = whole.status, .fields = whole.fields}, offer(), kNow), stream,
        whole.status);
  return 0;
}
