#include "config/config_value.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using Kind = Value::Kind;
using Strings = std::vector<std::string>;

template <class T>
std::optional<T> bare(std::string text, Range range = {}) {
  return Codec<T>::read({Kind::bare, std::move(text), {}}, range);
}
template <class T>
std::optional<T> typed(Kind kind, std::string text, Range range = {}) {
  return Codec<T>::read({kind, std::move(text), {}}, range);
}

TEST(ConfigValueTest, BareTextIsReadInTheSpellingOfTheFile) {
  EXPECT_EQ(bare<bool>("true"), true);
  EXPECT_EQ(bare<std::uint64_t>("42"), 42u);
  EXPECT_EQ(bare<Duration>("30s"), Duration(30s));
  EXPECT_EQ(bare<std::string>("a b"), "a b");
  EXPECT_EQ(bare<limits::RateLimit>("30/10s"), (limits::RateLimit{30, 10s}));
  EXPECT_EQ(bare<LogLevel>("warn"), LogLevel::warn);
  EXPECT_EQ(bare<hub::Audience>("owner"), hub::Audience::owner);
}

TEST(ConfigValueTest, BareListsAreCommaSeparated) {
  EXPECT_EQ(bare<Strings>("a,b"), (Strings{"a", "b"}));
  EXPECT_EQ(bare<Strings>(" a , b,"), (Strings{"a", "b"}));
  EXPECT_EQ(bare<Strings>(""), Strings());
  EXPECT_EQ(bare<std::optional<Strings>>(""), std::optional(Strings()));
}

TEST(ConfigValueTest, TheFilesKindsMustFit) {
  EXPECT_FALSE(typed<bool>(Kind::string, "true"));
  EXPECT_FALSE(typed<std::uint64_t>(Kind::string, "42"));
  EXPECT_FALSE(typed<std::uint64_t>(Kind::boolean, "true"));
  EXPECT_FALSE(typed<std::string>(Kind::integer, "42"));
  EXPECT_FALSE(typed<Duration>(Kind::integer, "30"));
  EXPECT_FALSE(typed<Strings>(Kind::integer, "30"));
  EXPECT_FALSE(typed<std::string>(Kind::list, ""));
  EXPECT_FALSE(typed<LogLevel>(Kind::other, ""));
}

TEST(ConfigValueTest, OneStringIsAListOfOneAndItsCommasAreItsOwn) {
  EXPECT_EQ(typed<Strings>(Kind::string, "a,b"), Strings{"a,b"});
}

TEST(ConfigValueTest, ZeroInQuotesIsNoLimitForCountsAndRates) {
  EXPECT_EQ(typed<std::uint64_t>(Kind::string, "0"), 0u);
  EXPECT_EQ(typed<limits::RateLimit>(Kind::string, "0"), limits::kNoLimit);
  EXPECT_EQ(typed<limits::RateLimit>(Kind::integer, "0"), limits::kNoLimit);
  EXPECT_FALSE(typed<limits::RateLimit>(Kind::integer, "30"));
  EXPECT_FALSE(typed<std::uint64_t>(Kind::string, "0", between(1, 10)));
}

TEST(ConfigValueTest, NumbersMustBeInTheirRange) {
  EXPECT_TRUE(bare<std::uint64_t>("1", between(1, 10)));
  EXPECT_TRUE(bare<std::uint64_t>("10", between(1, 10)));
  for (const auto* text : {"0", "11", "-1", "", "1.5", "1e3", "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(bare<std::uint64_t>(text, between(1, 10))) << text;
  }
  EXPECT_TRUE(bare<Duration>("1s", between(1s, 1min)));
  EXPECT_TRUE(bare<Duration>("60s", between(1s, 1min)));
  EXPECT_FALSE(bare<Duration>("999ms", between(1s, 1min)));
  EXPECT_FALSE(bare<Duration>("61s", between(1s, 1min)));
  EXPECT_FALSE(bare<Duration>("1500ms", seconds_between(1s, 1min)));
}

TEST(ConfigValueTest, SizesTakeUnits) {
  const Range range = bytes_between(1, 1 << 30);
  EXPECT_EQ(bare<std::uint64_t>("65536", range), 65536u);
  EXPECT_EQ(typed<std::uint64_t>(Kind::string, "64KiB", range), 65536u);
  EXPECT_EQ(bare<std::uint64_t>("1GiB", range), 1u << 30);
  EXPECT_FALSE(bare<std::uint64_t>("2GiB", range));
  EXPECT_FALSE(bare<std::uint64_t>("64KB", range));
  EXPECT_FALSE(bare<std::uint64_t>("9007199254740993KiB", range));
  EXPECT_FALSE(bare<std::uint64_t>("64KiB", between(1, 1 << 30)));
}

TEST(ConfigValueTest, WritesWhatTheFileWouldSay) {
  EXPECT_EQ(Codec<bool>::write(true), "true");
  EXPECT_EQ(Codec<std::string>::write("a\"b"), R"("a\"b")");
  EXPECT_EQ(Codec<Strings>::write({"a", "b"}), R"(["a", "b"])");
  EXPECT_EQ(Codec<Strings>::write({}), "[]");
  EXPECT_EQ(Codec<std::optional<Strings>>::write(std::nullopt), "unset");
  EXPECT_EQ(Codec<Duration>::write(24h), R"("24h")");
  EXPECT_EQ(Codec<limits::RateLimit>::write({300, 1min}), R"("300/1m")");
  EXPECT_EQ(Codec<LogFormat>::write(LogFormat::json), R"("json")");
}

TEST(ConfigValueTest, SaysWhatWouldHaveBeenRight) {
  EXPECT_EQ(Codec<Duration>::kind(between(1s, 10min)), R"(a duration like "30s", 1s to 10m)");
  EXPECT_EQ(Codec<std::uint64_t>::kind(between(1, 10)), "a whole number, 1 to 10");
  EXPECT_EQ(Codec<LogFormat>::kind({}), R"("text" or "json")");
  EXPECT_EQ(Codec<hub::Audience>::kind({}),
            R"("nobody", "anyone", "users", "granted", "owner", "hook" or "token")");
}

}  // namespace
}  // namespace usher::config
