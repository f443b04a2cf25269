// Any bytes as a WebSocket connection's stream: however they are cut into receives, the same events
// come out, and nothing is held or read beyond what was sent.
//
// Input: flags (role, binary, limit), a count n up to 7, n chunk sizes that repeat, the stream.
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "wire/ws_message.h"

namespace {

using namespace usher::wire;
using Kind = MessageEvent::Kind;

constexpr std::size_t kCutsMax = 200;  // then the rest in one piece: speed

struct Seen {
  Kind kind;
  std::uint16_t close_code;
  ReadError error;
  std::string payload;
  bool operator==(const Seen&) const = default;
};

void check(const MessageEvent& event, const MessageReaderOptions& options) {
  switch (event.kind) {
    case Kind::need_more:
    case Kind::fragment:
    case Kind::failed:
      return;
    case Kind::text:
      USHER_CHECK(simdjson::validate_utf8(event.payload));
      [[fallthrough]];
    case Kind::binary:
      USHER_CHECK(event.kind == Kind::text || options.binary);
      USHER_CHECK(event.payload.size() <= options.message_bytes_max);
      break;
    case Kind::ping:
    case Kind::pong:
      USHER_CHECK(event.payload.size() <= kControlPayloadBytesMax);
      break;
    case Kind::close:
      USHER_CHECK(event.close_code == 1005 || may_be_sent(event.close_code));
      USHER_CHECK(simdjson::validate_utf8(event.payload));
      return;
  }
  const volatile char* spare = event.payload.data() + event.payload.size();
  for (std::size_t i = 0; i < kSpareBytes; ++i) static_cast<void>(spare[i]);
}

std::vector<Seen> read(std::string_view stream, const MessageReaderOptions& options,
                       std::span<const std::uint8_t> chunk_sizes) {
  MessageReader reader(options);
  std::vector<Seen> seen;
  std::size_t turn = 0;
  for (std::size_t at = 0; at < stream.size();) {
    const bool cut = !chunk_sizes.empty() && turn < kCutsMax;
    const std::size_t wanted =
        cut ? 1 + chunk_sizes[turn++ % chunk_sizes.size()] : stream.size() - at;
    const auto chunk = stream.substr(at, wanted);
    at += chunk.size();

    std::vector<char> buffer(chunk.size() + kSpareBytes);
    std::copy(chunk.begin(), chunk.end(), buffer.begin());
    std::span<char> input = std::span(buffer).first(chunk.size());
    for (;;) {
      const MessageEvent event = reader.next(input);
      if (event.kind == Kind::need_more) break;
      check(event, options);
      seen.push_back({event.kind, event.close_code, event.error, std::string(event.payload)});
    }
    USHER_CHECK(input.empty());
    USHER_CHECK(reader.held_bytes() <= 1024 + 2 * at);
    USHER_CHECK(!reader.ended() || reader.held_bytes() == 0);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t count = std::min<std::size_t>(data[1] % 8, size - 2);
  const MessageReaderOptions options{
      .message_bytes_max = (data[0] & 4) != 0 ? 20u : 65536u,
      .role = (data[0] & 1) != 0 ? Role::client : Role::server,
      .binary = (data[0] & 2) == 0,
  };
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2 + count, size - 2 - count);
  USHER_CHECK(read(stream, options, {}) == read(stream, options, {data + 2, count}));
  return 0;
}
