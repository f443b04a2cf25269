// Bytes read and written: HTTP, the handshake, frames, commands, publications.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "wire/http_parser.h"
#include "wire/protocol_command.h"
#include "wire/protocol_reply.h"
#include "wire/shared_frame.h"
#include "wire/ws_handshake.h"
#include "wire/ws_message.h"

namespace usher::wire {
namespace {

// As Chromium asks for a ticket, but for fields that say nothing here; a token of HS256.
const std::string kTicketRequest =
    "POST /auth/ticket HTTP/1.1\r\nHost: gateway.example\r\nConnection: keep-alive\r\n"
    "Content-Length: 2\r\nAuthorization: Bearer " +
    std::string(36, 'h') + "." + std::string(140, 'p') + "." + std::string(43, 's') +
    "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36\r\nContent-Type: application/json\r\nAccept: */*\r\n"
    "Origin: https://app.example\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n\r\n{}";

constexpr std::string_view kUpgradeRequest =
    "GET /ws?ticket=0123456789abcdef0123456789abcdef HTTP/1.1\r\nHost: gateway.example\r\n"
    "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\nOrigin: https://app.example\r\n"
    "Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: usher.v1.json\r\n\r\n";

constexpr std::size_t kBodyBytesMax = 16'384;
constexpr std::size_t kMessageBytes = 128;

void parse_ticket_request(benchmark::State& state) {
  HttpParser parser([](const HttpRequest&) { return kBodyBytesMax; });
  for ([[maybe_unused]] auto _ : state) {
    if (parser.parse(kTicketRequest) != HttpParser::State::complete) {
      return state.SkipWithError("the request was not taken");
    }
    benchmark::DoNotOptimize(parser.request().body);
  }
  state.SetLabel("HTTP request parsed: POST /auth/ticket");
}
BENCHMARK(parse_ticket_request);

void parse_upgrade_request(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    HttpParser parser([](const HttpRequest&) { return kBodyBytesMax; });  // one a connection
    if (parser.parse(kUpgradeRequest) != HttpParser::State::complete ||
        read_upgrade(parser.request()).outcome != UpgradeOutcome::ok) {
      return state.SkipWithError("the upgrade was not taken");
    }
  }
  state.SetLabel("HTTP request parsed: upgrade with a ticket");
}
BENCHMARK(parse_upgrade_request);

void make_accept_key(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(accept_key("dGhlIHNhbXBsZSBub25jZQ=="));
  }
  state.SetLabel("Sec-WebSocket-Accept of a handshake");
}
BENCHMARK(make_accept_key);

// The bytes are copied anew each time, since they are unmasked in place; so the socket does it too.
void read_frame(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  std::string frame;
  append_masked_frame(frame, Opcode::text, std::string(bytes, 'x'),
                      {'\x12', '\x34', '\x56', '\x78'});
  std::vector<char> buffer(frame.size() + kSpareBytes);
  MessageReader reader({});
  for ([[maybe_unused]] auto _ : state) {
    std::copy(frame.begin(), frame.end(), buffer.begin());
    std::span<char> input(buffer.data(), frame.size());
    if (reader.next(input).kind != MessageEvent::Kind::text) {
      return state.SkipWithError("the frame was not taken");
    }
  }
  state.SetLabel("frame read, unmasked, UTF-8 checked: " + std::to_string(bytes) + " bytes");
}
BENCHMARK(read_frame)->Arg(kMessageBytes)->Arg(16'384);

void read_publish_command(benchmark::State& state) {
  std::string line = R"({"id":7,"publish":{"channel":"bench:all","data":")" +
                     std::string(kMessageBytes - 2, 'x') + R"("}})";
  const std::size_t bytes = line.size();
  line.append(kSpareBytes, ' ');
  JsonReader json;
  CommandReader reader(json);
  for ([[maybe_unused]] auto _ : state) {
    reader.start(std::string_view(line).substr(0, bytes));
    const auto command = reader.next();
    if (!command || !std::holds_alternative<PublishCommand>(command->request)) {
      return state.SkipWithError("the command was not taken");
    }
  }
  state.SetLabel("command read: publish of 128 bytes");
}
BENCHMARK(read_publish_command);

void encode_publication(benchmark::State& state) {
  const std::string data = '"' + std::string(kMessageBytes - 2, 'x') + '"';
  for ([[maybe_unused]] auto _ : state) {
    std::string push;
    append_publication_push(push, "bench:all",
                            {.data = data, .offset = 4711, .info = nullptr, .tags = {}});
    benchmark::DoNotOptimize(make_text_frame(push));
  }
  state.SetLabel("publication encoded into its frame, once for all: 128 bytes");
}
BENCHMARK(encode_publication);

}  // namespace
}  // namespace usher::wire
