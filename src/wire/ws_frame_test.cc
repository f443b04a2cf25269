#include "wire/ws_frame.h"

#include "base/check.h"

#include <string>

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using namespace std::string_literals;

constexpr MaskKey kMask{'\x37', '\xfa', '\x21', '\x3d'};

HeaderParse parse(const std::string& bytes, Role role = Role::server) {
  FrameHeader header;
  return parse_frame_header(bytes, role, header);
}

TEST(WsFrameTest, ReadsTheMaskedExampleOfTheRfc) {
  const std::string bytes = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
  FrameHeader header;
  ASSERT_EQ(parse_frame_header(bytes, Role::server, header), HeaderParse::complete);
  EXPECT_EQ(header.opcode, Opcode::text);
  EXPECT_TRUE(header.final);
  EXPECT_EQ(header.header_bytes, 6);
  EXPECT_EQ(header.payload_bytes, 5u);
  std::string payload = bytes.substr(6);
  apply_mask(payload, header.mask);
  EXPECT_EQ(payload, "Hello");
}

TEST(WsFrameTest, EveryFirstByteIsJudgedByItsBits) {
  for (int first = 0; first < 256; ++first) {
    const bool final = (first & 0x80) != 0;
    const bool reserved_bits = (first & 0x70) != 0;
    const int opcode = first & 0x0F;
    const bool data = opcode <= 2;
    const bool control = opcode >= 8 && opcode <= 10;
    const bool good = !reserved_bits && (data || (control && final));
    const std::string byte(1, static_cast<char>(first));
    EXPECT_EQ(parse(byte), good ? HeaderParse::incomplete : HeaderParse::invalid) << first;
    EXPECT_EQ(parse(byte + "\x80" + "mask"), good ? HeaderParse::complete : HeaderParse::invalid)
        << first;
  }
}

TEST(WsFrameTest, EachRoleRequiresTheOthersMasking) {
  EXPECT_EQ(parse("\x81\x80", Role::server), HeaderParse::incomplete);
  EXPECT_EQ(parse("\x81\x00"s, Role::server), HeaderParse::invalid);
  EXPECT_EQ(parse("\x81\x80", Role::client), HeaderParse::invalid);
  EXPECT_EQ(parse("\x81\x00"s, Role::client), HeaderParse::complete);
}

TEST(WsFrameTest, ControlFramesCarryAtMost125Bytes) {
  for (const char opcode : {'\x88', '\x89', '\x8A'}) {
    EXPECT_EQ(parse({opcode, '\xFD'}), HeaderParse::incomplete);
    EXPECT_EQ(parse({opcode, '\xFE'}), HeaderParse::invalid);
    EXPECT_EQ(parse({opcode, '\xFF'}), HeaderParse::invalid);
  }
}

TEST(WsFrameTest, LengthsMustBeWrittenInTheShortestForm) {
  const struct {
    std::string length;
    bool good;
    std::uint64_t value;
  } cases[] = {
      {"\x80"s, true, 0},
      {"\xFD"s, true, 125},
      {"\xFE\x00\x00"s, false, 0},
      {"\xFE\x00\x7D"s, false, 0},
      {"\xFE\x00\x7E"s, true, 126},
      {"\xFE\x00\x7F"s, true, 127},
      {"\xFE\xFF\xFF"s, true, 65535},
      {"\xFF\x00\x00\x00\x00\x00\x00\x00\x00"s, false, 0},
      {"\xFF\x00\x00\x00\x00\x00\x00\x00\x7D"s, false, 0},
      {"\xFF\x00\x00\x00\x00\x00\x00\x00\x7E"s, false, 0},
      {"\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s, false, 0},
      {"\xFF\x00\x00\x00\x00\x00\x01\x00\x00"s, true, 65536},
      {"\xFF\x00\x00\x00\x00\x00\x01\x00\x01"s, true, 65537},
      {"\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, true, 0x7FFFFFFFFFFFFFFF},
      {"\xFF\x80\x00\x00\x00\x00\x00\x00\x00"s, false, 0},
      {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, false, 0},
  };
  for (const auto& c : cases) {
    FrameHeader header;
    const auto parsed = parse_frame_header("\x82" + c.length + "mask", Role::server, header);
    EXPECT_EQ(parsed, c.good ? HeaderParse::complete : HeaderParse::invalid)
        << testing::PrintToString(c.length);
    if (parsed != HeaderParse::complete) continue;
    EXPECT_EQ(header.payload_bytes, c.value);
    EXPECT_EQ(header.header_bytes, 1 + c.length.size() + 4);
  }
}

TEST(WsFrameTest, ALengthBeyond63BitsIsToldAtItsFirstByte) {
  EXPECT_EQ(parse("\x82\xFF\x80"), HeaderParse::invalid);
  EXPECT_EQ(parse("\x82\xFF\x7F"), HeaderParse::incomplete);
}

TEST(WsFrameTest, EveryStrictPrefixOfAHeaderIsIncomplete) {
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u}) {
    std::string frame;
    append_masked_frame(frame, Opcode::binary, std::string(size, 'x'), kMask);
    FrameHeader header;
    ASSERT_EQ(parse_frame_header(frame, Role::server, header), HeaderParse::complete);
    EXPECT_EQ(header.header_bytes + header.payload_bytes, frame.size());
    EXPECT_EQ(header.mask, kMask);
    for (std::size_t prefix = 0; prefix < header.header_bytes; ++prefix) {
      EXPECT_EQ(parse(frame.substr(0, prefix)), HeaderParse::incomplete) << size << ' ' << prefix;
    }
  }
}

TEST(WsFrameTest, MaskingIsTheSameInEveryPhaseAndLength) {
  for (std::size_t size = 0; size <= 40; ++size) {
    for (std::uint64_t position = 0; position <= 9; ++position) {
      std::string payload(size, '\0');
      for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 11);
      std::string masked = payload;
      apply_mask(masked, kMask, position);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(masked[i], payload[i] ^ kMask[(position + i) % 4]) << size << ' ' << position;
      }
    }
  }
}

TEST(WsFrameTest, ServerFramesAreFinalUnmaskedAndShort) {
  const struct {
    std::size_t size;
    std::string header;
  } cases[] = {
      {0, "\x81\x00"s},
      {125, "\x81\x7D"s},
      {126, "\x81\x7E\x00\x7E"s},
      {65535, "\x81\x7E\xFF\xFF"s},
      {65536, "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s},
  };
  for (const auto& c : cases) {
    const std::string payload(c.size, 'x');
    std::string out = "before";
    append_frame(out, Opcode::text, payload);
    EXPECT_EQ(out, "before" + c.header + payload) << c.size;
    EXPECT_EQ(*make_text_frame(payload), c.header + payload) << c.size;
  }
}

TEST(WsFrameTest, ControlFramesAreWrittenUpToTheirLimit) {
  std::string out;
  append_frame(out, Opcode::ping, std::string(125, 'p'));
  EXPECT_EQ(out, "\x89\x7D" + std::string(125, 'p'));
  EXPECT_THROW(append_frame(out, Opcode::pong, std::string(126, 'p')), BrokenInvariant);
}

TEST(WsFrameTest, ClientFramesAreMaskedAndMayBeFragments) {
  std::string out;
  append_masked_frame(out, Opcode::text, "Hello", kMask);
  EXPECT_EQ(out, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  out.clear();
  append_masked_frame(out, Opcode::text, "", kMask, /*final=*/false);
  EXPECT_EQ(out, "\x01\x80\x37\xfa\x21\x3d");
}

TEST(WsFrameTest, CloseFramesCarryCodeAndReason) {
  std::string out;
  append_close_frame(out, {CloseCode::policy_violation, "NOT_AUTHORIZED"});
  EXPECT_EQ(out, "\x88\x10\x03\xF0NOT_AUTHORIZED");
  out.clear();
  append_close_frame(out, {CloseCode::no_status, ""});
  EXPECT_EQ(out, "\x88\x00"s);
  EXPECT_THROW(append_close_frame(out, {CloseCode::abnormal, ""}), BrokenInvariant);
}

TEST(WsFrameTest, CloseReasonsAreCutTo123BytesBetweenCharacters) {
  std::string out;
  append_close_frame(out, {4000, std::string(123, 'r')});
  EXPECT_EQ(out, "\x88\x7D\x0F\xA0" + std::string(123, 'r'));
  out.clear();
  append_close_frame(out, {4000, std::string(124, 'r')});
  EXPECT_EQ(out, "\x88\x7D\x0F\xA0" + std::string(123, 'r'));
  out.clear();
  append_close_frame(out, {4000, std::string(122, 'r') + "\xC3\xA9"});
  EXPECT_EQ(out, "\x88\x7C\x0F\xA0" + std::string(122, 'r'));
}

}  // namespace
}  // namespace usher::wire
