#include "wire/ws_message.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using namespace std::string_literals;
using Kind = MessageEvent::Kind;
using Events = std::vector<std::string>;

constexpr MaskKey kMask{'\x37', '\xfa', '\x21', '\x3d'};

std::string frame(Opcode opcode, std::string_view payload, bool final = true) {
  std::string out;
  append_masked_frame(out, opcode, payload, kMask, final);
  return out;
}
std::string part(Opcode opcode, std::string_view payload) {
  return frame(opcode, payload, /*final=*/false);
}
std::string text(std::string_view payload) { return frame(Opcode::text, payload); }
std::string close_body(int code, std::string_view reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}.append(reason);
}
std::string close(int code, std::string_view reason = "") {
  return frame(Opcode::close, close_body(code, reason));
}

std::string describe(const MessageEvent& event) {
  const std::string payload(event.payload);
  switch (event.kind) {
    case Kind::need_more:
      return "need more";
    case Kind::fragment:
      return "fragment";
    case Kind::text:
      return "text " + payload;
    case Kind::binary:
      return "binary " + payload;
    case Kind::ping:
      return "ping " + payload;
    case Kind::pong:
      return "pong " + payload;
    case Kind::close:
      return "close " + std::to_string(event.close_code) + ' ' + payload;
    case Kind::failed:
      return "failed " + std::to_string(close_reason(event.error).code);
  }
  return "?";
}

// Reads as a connection does: out of one buffer that ends in spare bytes and is overwritten by each
// receive.
class MessageReaderTest : public testing::Test {
 protected:
  Events feed(MessageReader& reader, std::string_view bytes) {
    std::vector<char> buffer(bytes.begin(), bytes.end());
    buffer.resize(bytes.size() + kSpareBytes);
    std::span<char> input = std::span(buffer).first(bytes.size());
    Events events;
    for (;;) {
      const MessageEvent event = reader.next(input);
      if (event.kind == Kind::need_more) break;
      if (event.kind == Kind::fragment) {
        ++fragments;
        continue;
      }
      touch_spare_bytes(event);
      events.push_back(describe(event));
    }
    EXPECT_TRUE(input.empty());
    return events;
  }

  Events read(std::string_view bytes, std::size_t chunk_bytes = std::string::npos) {
    MessageReader reader(options);
    Events events;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto chunk = bytes.substr(at, chunk_bytes);
      for (auto& event : feed(reader, chunk)) events.push_back(std::move(event));
      at += chunk.size();
    }
    return events;
  }

  Events read_split_at(std::string_view bytes, std::size_t split) {
    MessageReader reader(options);
    Events events = feed(reader, bytes.substr(0, split));
    for (auto& event : feed(reader, bytes.substr(split))) events.push_back(std::move(event));
    return events;
  }

  // AddressSanitizer speaks up if they are not ours.
  void touch_spare_bytes(const MessageEvent& event) {
    if (event.kind == Kind::failed || event.kind == Kind::close) return;
    const volatile char* end = event.payload.data() + event.payload.size();
    for (std::size_t i = 0; i < kSpareBytes; ++i) static_cast<void>(end[i]);
  }

  MessageReaderOptions options;
  int fragments = 0;  // events that say nothing but that work was done
};

TEST_F(MessageReaderTest, IsSmallAndHoldsNoHeapBetweenMessages) {
  MessageReader reader(options);
  EXPECT_LE(sizeof reader, 32u);
  for (const auto& bytes :
       {text("hello"), part(Opcode::text, "he") + frame(Opcode::continuation, "y"),
        frame(Opcode::ping, "p")}) {
    feed(reader, bytes);
    EXPECT_EQ(reader.held_bytes(), 0u);
    for (const char byte : bytes) feed(reader, {&byte, 1});
    EXPECT_EQ(reader.held_bytes(), 0u);
  }
}

TEST_F(MessageReaderTest, AWholeFrameIsAViewIntoTheInput) {
  MessageReader reader(options);
  std::string buffer = text("hello") + text("you");
  buffer.reserve(buffer.size() + kSpareBytes);
  std::span<char> input(buffer);
  EXPECT_EQ(reader.next(input).payload.data(), buffer.data() + 6);
  EXPECT_EQ(reader.next(input).payload.data(), buffer.data() + 17);
  EXPECT_EQ(reader.held_bytes(), 0u);
}

struct Stream {
  const char* what;
  std::string bytes;
  Events events;
};

const Stream kStreams[] = {
    {"empty messages", text("") + frame(Opcode::binary, ""), {"text ", "binary "}},
    {"pipelined messages",
     text("one") + frame(Opcode::binary, "\xFF"s) + text("three"),
     {"text one", "binary \xFF", "text three"}},
    {"16-bit length",
     text(std::string(126, 'm')) + text("x"),
     {"text " + std::string(126, 'm'), "text x"}},
    {"fragments",
     part(Opcode::text, "a") + part(Opcode::continuation, "b") + frame(Opcode::continuation, "c"),
     {"text abc"}},
    {"empty fragments",
     part(Opcode::text, "") + part(Opcode::continuation, "") + frame(Opcode::continuation, ""),
     {"text "}},
    {"characters cut by fragments",
     part(Opcode::text, "\xC3") + part(Opcode::continuation, "\xA9\xF0\x9F") +
         frame(Opcode::continuation, "\x98\x80"),
     {"text \xC3\xA9\xF0\x9F\x98\x80"}},
    {"control frames between and behind fragments",
     part(Opcode::binary, "a") + frame(Opcode::ping, "1") + part(Opcode::continuation, "b") +
         frame(Opcode::pong, "2") + frame(Opcode::ping, "") + frame(Opcode::continuation, "c") +
         frame(Opcode::ping, std::string(125, 'p')),
     {"ping 1", "pong 2", "ping ", "binary abc", "ping " + std::string(125, 'p')}},
    {"close without a code, and what follows it",
     frame(Opcode::close, "") + text("late"),
     {"close 1005 "}},
    {"close with a reason",
     text("x") + close(1000, "bye \xE2\x82\xAC") + close(1001),
     {"text x", "close 1000 bye \xE2\x82\xAC"}},
    {"close inside a message",
     part(Opcode::text, "a") + close(3000) + frame(Opcode::continuation, "b"),
     {"close 3000 "}},
    {"continuation without a start",
     text("x") + frame(Opcode::continuation, "y") + text("z"),
     {"text x", "failed 1002"}},
    {"continuation after the end",
     part(Opcode::text, "x") + frame(Opcode::continuation, "y") + part(Opcode::continuation, "z"),
     {"text xy", "failed 1002"}},
    {"text inside a message", part(Opcode::text, "x") + frame(Opcode::text, "y"), {"failed 1002"}},
    {"binary inside a message",
     part(Opcode::text, "x") + part(Opcode::binary, "y"),
     {"failed 1002"}},
    {"reserved bit", text("x") + "\xC1\x80mask" + text("y"), {"text x", "failed 1002"}},
    {"reserved opcode", text("x") + "\x83\x80mask", {"text x", "failed 1002"}},
    {"fragmented ping", frame(Opcode::pong, "") + "\x09\x80mask", {"pong ", "failed 1002"}},
    {"unmasked", text("x") + "\x81\x01y", {"text x", "failed 1002"}},
    {"overlong length", "\x81\xFE\x00\x05mask12345"s, {"failed 1002"}},
    {"close with half a code", frame(Opcode::close, "\x03"), {"failed 1002"}},
    {"close with a reason that is not UTF-8", close(1000, "\xFF"), {"failed 1007"}},
    {"close with a cut character", close(1000, "\xC3"), {"failed 1007"}},
    {"a message that ends within a character", text("x\xE2\x82") + text("y"), {"failed 1007"}},
    {"fragments that end within a character",
     part(Opcode::text, "x\xE2") + frame(Opcode::continuation, "\x82"),
     {"failed 1007"}},
};

TEST_F(MessageReaderTest, EveryStreamGivesTheSameEventsHoweverItArrives) {
  for (const Stream& stream : kStreams) {
    EXPECT_EQ(read(stream.bytes), stream.events) << stream.what;
    for (std::size_t split = 0; split <= stream.bytes.size(); ++split) {
      ASSERT_EQ(read_split_at(stream.bytes, split), stream.events)
          << stream.what << " at " << split;
    }
    for (const std::size_t chunk_bytes : {1u, 2u, 3u, 5u, 7u, 13u}) {
      ASSERT_EQ(read(stream.bytes, chunk_bytes), stream.events)
          << stream.what << " by " << chunk_bytes;
    }
  }
}

TEST_F(MessageReaderTest, PayloadsOfEveryLengthArriveWholeAndInPieces) {
  options.message_bytes_max = 65537;
  for (const std::size_t size :
       {0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 125u, 126u, 127u, 65535u, 65536u, 65537u}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7 + i / 256);
    const std::string bytes = frame(Opcode::binary, payload) + frame(Opcode::ping, "after");
    const Events expected{"binary " + payload, "ping after"};
    EXPECT_EQ(read(bytes), expected) << size;
    EXPECT_EQ(read(bytes, 1000), expected) << size;
    EXPECT_EQ(read(bytes, 1001), expected) << size;
    EXPECT_EQ(read(bytes, size < 1000 ? 1 : 16384), expected) << size;
  }
}

TEST_F(MessageReaderTest, InvalidTextIsRefusedAtTheFirstImpossibleByte) {
  const struct {
    std::string text;
    std::size_t impossible;
  } cases[] = {
      {"ok\x80", 2},       {"\xC0\xAF", 0},         {"\xE0\x9F\xBF", 1},
      {"\xED\xA0\x80", 1}, {"\xF0\x8F\xBF\xBF", 1}, {"\xF4\x90\x80\x80", 1},
      {"\xF5", 0},         {"\xE2\x82z", 2},        {"caf\xC3\xA9\xFF", 5},
  };
  for (const auto& c : cases) {
    // One long frame of which only the start has come; and fragments of one byte.
    const std::string whole = text(c.text + std::string(200, 'x'));
    const std::size_t header_bytes = 8;
    EXPECT_EQ(read(whole.substr(0, header_bytes + c.impossible)), Events{});
    EXPECT_EQ(read(whole.substr(0, header_bytes + c.impossible + 1)), Events{"failed 1007"});
    EXPECT_EQ(read(whole), Events{"failed 1007"});

    MessageReader reader(options);
    feed(reader, part(Opcode::text, ""));
    for (std::size_t i = 0; i < c.impossible; ++i) {
      EXPECT_EQ(feed(reader, part(Opcode::continuation, c.text.substr(i, 1))), Events{});
    }
    EXPECT_EQ(feed(reader, part(Opcode::continuation, c.text.substr(c.impossible, 1))),
              Events{"failed 1007"});
  }
}

TEST_F(MessageReaderTest, BinaryNeedNotBeUtf8ButMayBeRefused) {
  const std::string bytes = frame(Opcode::binary, "\xFF\xFE");
  EXPECT_EQ(read(bytes), Events{"binary \xFF\xFE"});
  options.binary = false;
  EXPECT_EQ(read(bytes.substr(0, 6)), Events{"failed 1003"});
  EXPECT_EQ(read(part(Opcode::binary, "")), Events{"failed 1003"});
  EXPECT_EQ(read(text("x")), Events{"text x"});
}

TEST_F(MessageReaderTest, EveryCloseCodeIsJudgedByTheRfc) {
  for (int code = 0; code < 65536; ++code) {
    const bool good = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
                      (code >= 3000 && code <= 4999);
    const Events expected{good ? "close " + std::to_string(code) + " r" : "failed 1002"};
    ASSERT_EQ(read(close(code, "r")), expected);
  }
}

TEST_F(MessageReaderTest, AMessageMayBeAsLongAsTheLimitAndNoLonger) {
  options.message_bytes_max = 300;
  const std::string most(300, 'm');
  EXPECT_EQ(read(text(most)), Events{"text " + most});
  EXPECT_EQ(read(text(most), 1), Events{"text " + most});
  EXPECT_EQ(read(text(most + "m").substr(0, 8)), Events{"failed 1009"})
      << "told by the header alone";

  const std::string begun = part(Opcode::text, most.substr(0, 299));
  EXPECT_EQ(read(begun + frame(Opcode::continuation, "m")), Events{"text " + most});
  EXPECT_EQ(read(begun + frame(Opcode::continuation, "mm").substr(0, 6)), Events{"failed 1009"});
  EXPECT_EQ(read(begun + part(Opcode::continuation, "m") + part(Opcode::continuation, "") +
                 part(Opcode::continuation, "m")),
            Events{"failed 1009"});
}

TEST_F(MessageReaderTest, ControlFramesAreNoPartOfTheLimit) {
  options.message_bytes_max = 1;
  const std::string most(125, 'p');
  EXPECT_EQ(
      read(part(Opcode::text, "a") + frame(Opcode::ping, most) + frame(Opcode::continuation, "")),
      (Events{"ping " + most, "text a"}));
}

TEST_F(MessageReaderTest, LengthsNearTheEndOfTheRangeOverflowNothing) {
  const std::string huge = "\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask";
  const std::string more = "\x80\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask";
  EXPECT_EQ(read(huge), Events{"failed 1009"});
  EXPECT_EQ(read(part(Opcode::text, "a") + more), Events{"failed 1009"});
  options.message_bytes_max = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(read(part(Opcode::text, "a") + more + "xx"), Events{});
}

TEST_F(MessageReaderTest, AnAnnouncementCostsNothingUntilItsBytesCome) {
  MessageReader reader(options);
  const std::string bytes = text(std::string(65536, 'x'));
  feed(reader, bytes.substr(0, 15));
  EXPECT_LT(reader.held_bytes(), 512u);
  feed(reader, bytes.substr(15, 10000));
  EXPECT_GT(reader.held_bytes(), 10000u);
  EXPECT_LT(reader.held_bytes(), 20000u);
  feed(reader, bytes.substr(10015, 50000));
  EXPECT_LT(reader.held_bytes(), 121000u);
  EXPECT_EQ(feed(reader, bytes.substr(60015)).size(), 1u);
  EXPECT_EQ(reader.held_bytes(), 0u);
}

TEST_F(MessageReaderTest, EmptyFragmentsGrowNothing) {
  MessageReader reader(options);
  feed(reader, part(Opcode::text, ""));
  const std::size_t held = reader.held_bytes();
  for (int i = 0; i < 10'000; ++i) feed(reader, part(Opcode::continuation, ""));
  EXPECT_EQ(reader.held_bytes(), held);
  EXPECT_LT(held, 512u);
  EXPECT_EQ(fragments, 10'001) << "each is an event, so that its work can be counted";
  EXPECT_EQ(feed(reader, frame(Opcode::continuation, "")), Events{"text "});
}

TEST_F(MessageReaderTest, AfterTheEndNothingIsReadOrHeld) {
  for (const auto& end : {close(1000), "\xFF"s}) {
    MessageReader reader(options);
    feed(reader, part(Opcode::binary, std::string(1000, 'x')));
    EXPECT_FALSE(reader.ended());
    EXPECT_EQ(feed(reader, end + text("late")).size(), 1u);
    EXPECT_TRUE(reader.ended());
    EXPECT_EQ(feed(reader, text("later")), Events{});
    EXPECT_EQ(reader.held_bytes(), 0u);
  }
}

// After a failure that leaves the frames' boundaries known, the peer's close frame is still found:
// the peer is told why, and its answer ends the connection cleanly.
TEST_F(MessageReaderTest, AfterAFailureTheCloseFrameIsFoundBehindWhateverComes) {
  options.message_bytes_max = 100;
  options.binary = false;
  const std::string behind = text("late") + part(Opcode::text, std::string(70'000, 'y')) +
                             frame(Opcode::ping, "p") + close(1009, "bye") + text("later");
  for (const auto& [failure, failed] :
       {std::pair{text(std::string(101, 'x')), "failed 1009"},
        {text("\xFF"), "failed 1007"},
        {frame(Opcode::binary, std::string(300, 'b')), "failed 1003"},
        {part(Opcode::text, "\xFF") + frame(Opcode::continuation, "y"), "failed 1007"}}) {
    for (const std::size_t chunk : {1u, 7u, 4096u, 100'000u}) {
      EXPECT_EQ(read(failure + behind, chunk), (Events{failed, "close 1009 bye"})) << chunk;
    }
  }
}

TEST_F(MessageReaderTest, WhatIsSkippedIsNotHeld) {
  MessageReader reader(options);
  feed(reader, part(Opcode::text, std::string(1000, 'x')));
  reader.skip_to_close();
  feed(reader, frame(Opcode::continuation, std::string(60'000, 'x')).substr(0, 50'000));
  EXPECT_LT(reader.held_bytes(), 300u);
  EXPECT_FALSE(reader.ended());
  feed(reader, std::string(20'000, '\xFF'));
  EXPECT_TRUE(reader.ended()) << "no frame can be found there";
  EXPECT_EQ(reader.held_bytes(), 0u);
}

// A caller that has seen the end may never call again.
TEST_F(MessageReaderTest, TheEndItselfFreesTheMessageThatWillNotBeCompleted) {
  for (std::string end : {close(1000), "\xFF"s}) {
    MessageReader reader(options);
    feed(reader, part(Opcode::binary, std::string(1000, 'x')));
    end.reserve(end.size() + kSpareBytes);
    std::span<char> input(end);
    reader.next(input);
    EXPECT_LT(reader.held_bytes(), 300u);
  }
}

TEST_F(MessageReaderTest, AMovedReaderGoesOnWhereItWas) {
  MessageReader first(options);
  feed(first, part(Opcode::text, "a") + frame(Opcode::continuation, "bc").substr(0, 7));
  MessageReader second(std::move(first));
  EXPECT_EQ(feed(second, frame(Opcode::continuation, "bc").substr(7)), Events{"text abc"});
}

TEST_F(MessageReaderTest, TheClientRoleReadsWhatAServerWrites) {
  options.role = Role::client;
  options.message_bytes_max = 70'000;
  const std::string most(65536, 'x');
  std::string bytes = *make_text_frame("hello") + *make_text_frame(most);
  append_frame(bytes, Opcode::ping, "p");
  append_close_frame(bytes, {CloseCode::going_away, "SERVER_SHUTDOWN"});
  const Events expected{"text hello", "text " + most, "ping p", "close 1001 SERVER_SHUTDOWN"};
  EXPECT_EQ(read(bytes), expected);
  EXPECT_EQ(read(bytes, 777), expected);
  EXPECT_EQ(read(text("masked")), Events{"failed 1002"});
}

TEST(CloseReasonTest, EveryReadErrorHasItsLineInTheContract) {
  EXPECT_EQ(close_reason(ReadError::protocol_error), CloseReason(1002, "PROTOCOL_ERROR"));
  EXPECT_EQ(close_reason(ReadError::invalid_utf8), CloseReason(1007, "INVALID_UTF8"));
  EXPECT_EQ(close_reason(ReadError::message_too_big), CloseReason(1009, "MESSAGE_TOO_BIG"));
  EXPECT_EQ(close_reason(ReadError::unsupported_data), CloseReason(1003, "UNSUPPORTED_DATA"));
}

}  // namespace
}  // namespace usher::wire
