// Any bytes as what a gateway says to a client: text frames before and after the connect push, a
// problem body, a Retry-After header.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "client/client_session.h"
#include "client/retry_after.h"
#include "client_net/call_answer.h"
#include "client_net/frame_text.h"

namespace {

using namespace usher::client;
using usher::client_net::FrameText;

constexpr Instant kNow{std::chrono::seconds(1'800'000'000)};

void check_output(const Output& output) {
  static FrameText frames;
  for (const Effect& effect : output.effects) {
    const Send* send = std::get_if<Send>(&effect);
    if (!send) continue;
    const std::string text = usher::client_net::command_text(send->data);
    USHER_CHECK(frames.is_valid(text));
    USHER_CHECK(text.find('\n') == std::string::npos);
  }
  for (const Event& event : output.events) {
    const Publication* publication = std::get_if<Publication>(&event);
    if (!publication || !publication->data.is_string()) continue;
    USHER_CHECK(frames.is_valid(usher::client_net::raw_data(publication->data)));
  }
  for (const LogLine& line : output.log) {
    USHER_CHECK(std::ranges::all_of(line.text, [](char c) { return c >= 0x20 && c < 0x7F; }));
  }
}

void play(std::string_view text) {
  static FrameText frames;
  ClientSession session({.url = "https://gw.example"}, [] { return 0.5; });
  session.handle(Connect{}, kNow);
  session.handle(Subscribe{"a"}, kNow);
  session.handle(TokenReady{1, "T", true}, kNow);
  session.handle(TicketReady{1, "t", std::chrono::seconds(30)}, kNow);
  for (auto& value : frames.read(text)) check_output(session.handle(Frame{1, value}, kNow));
  json::object connect{{"push", {{"connect", {{"ping", 25}, {"pong", true}}}}}};
  check_output(session.handle(Frame{1, connect}, kNow));
  check_output(session.handle(Subscribe{"b"}, kNow));
  for (auto& value : frames.read(text)) check_output(session.handle(Frame{1, value}, kNow));
  check_output(session.handle(SocketClosed{1, 1008, std::string(text.substr(0, 123)), true}, kNow));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  play(text);
  USHER_CHECK(retry_after_ms(text, kNow) >= 0);
  const auto ticket = usher::client_net::read_ticket_answer(
      {.status = 200, .body = std::string(text), .retry_after = {}, .detail = {}});
  if (const auto* issued = std::get_if<usher::client_net::IssuedTicket>(&ticket))
    USHER_CHECK(!issued->ticket.empty());
  return 0;
}
