#include "base/log.h"

#include <vector>

#include <gtest/gtest.h>

namespace usher {
namespace {

using Fields = std::vector<LogField>;

TEST(LogTest, TextLooksLikeTheContract) {
  EXPECT_EQ(
      format_log_text("[WSTicket] Ticket generated", Fields{{"hasUserId", false}, {"ttl", 30}}),
      "[WSTicket] Ticket generated { hasUserId: false, ttl: 30 }");
  EXPECT_EQ(format_log_text("websocket_disconnected", Fields{{"code", 1006}, {"reason", ""}}),
            "websocket_disconnected { code: 1006, reason: '' }");
  EXPECT_EQ(format_log_text("WS: Rejected - no auth ticket", {}), "WS: Rejected - no auth ticket");
}

TEST(LogTest, APeersTextCanNeitherForgeALineNorFillTheDisk) {
  EXPECT_EQ(format_log_text("m", Fields{{"v", "a'b\\c\nd\x1b\xff"}}),
            R"(m { v: 'a\'b\\c\x0ad\x1b\xff' })");
  EXPECT_EQ(format_log_json("m", Fields{{"v", "a\"\n"}, {"n", -1}, {"b", true}}),
            R"("message":"m","v":"a\"\u000a","n":-1,"b":true)");
  const std::string long_value(kLogValueBytesMax + 1, 'x');
  EXPECT_EQ(format_log_text("m", Fields{{"v", long_value}}),
            "m { v: '" + std::string(kLogValueBytesMax, 'x') + "...' }");
  EXPECT_EQ(format_log_text("m", Fields{{"v", std::string(kLogValueBytesMax, 'x')}}),
            "m { v: '" + std::string(kLogValueBytesMax, 'x') + "' }");
}

TEST(LogTest, WhatAPeerMayMakeLongIsCutAndOurOwnWordsAreNot) {
  const std::string text(kLogValueBytesMax + 1, 'x');
  const LogField cut("reason", text);
  EXPECT_EQ(format_log_text("m", std::span(&cut, 1)), "m { reason: '" + text.substr(1) + "...' }");
  const LogField whole = LogField::whole("reason", text);
  EXPECT_EQ(format_log_text("m", std::span(&whole, 1)), "m { reason: '" + text + "' }");
  EXPECT_EQ(format_log_json("m", std::span(&whole, 1)),
            R"("message":"m","reason":")" + text + "\"");
}

TEST(LogTest, AHashedTextIsTheFirstTwelveDigitsOfItsSha256AndNeverTheText) {
  const std::string name(kLogValueBytesMax + 1, 'x');
  const std::vector<LogField> fields = {LogField::hash("user", "abc"), LogField::hash("n", name)};
  EXPECT_EQ(log_hash("abc"), "ba7816bf8f01");
  EXPECT_EQ(format_log_text("m", fields),
            "m { user: 'ba7816bf8f01', n: '" + log_hash(name) + "' }");
  EXPECT_EQ(format_log_json("m", fields),
            R"("message":"m","user":"ba7816bf8f01","n":")" + log_hash(name) + "\"");
}

}  // namespace
}  // namespace usher
