#include "apps/arguments.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

enum class Way { api, socket };

class ArgumentsTest : public testing::Test {
 protected:
  Parsed parse(std::vector<std::string> words) {
    words.insert(words.begin(), "usher test");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    return arguments.parse(static_cast<int>(words.size()), argv.data());
  }
  bool reads(std::vector<std::string> words) { return parse(std::move(words)).go_on; }

  Arguments arguments{"A test.", "usher test"};
};

TEST_F(ArgumentsTest, HelpEndsWellAndAMistakeAsBadUsage) {
  EXPECT_FALSE(reads({"--help"}));
  EXPECT_EQ(parse({"--help"}).exit_code, kDone);
  EXPECT_EQ(parse({"--nonsense"}).exit_code, kBadUsage);
}

TEST_F(ArgumentsTest, TextsFlagsAndNumbersAreRead) {
  std::string user, file;
  std::vector<std::string> channels;
  bool verbose = false;
  std::size_t count = 7;
  double rate = 0;
  arguments.text("--user", user, "");
  arguments.text("file", file, "").required();
  arguments.texts("-c,--channel", channels, "");
  arguments.flag("-v", verbose, "");
  arguments.number("--count", count, 1, 10, "");
  arguments.number("--rate", rate, 0.5, 2, "");
  EXPECT_FALSE(reads({"--user", "ada"})) << "the file is missing";
  ASSERT_TRUE(reads({"--user", "ada", "-c", "a", "f", "-c", "b", "-v", "--rate", "1.5"}));
  EXPECT_EQ(user, "ada");
  EXPECT_EQ(file, "f");
  EXPECT_EQ(channels, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(verbose);
  EXPECT_EQ(count, 7u);
  EXPECT_EQ(rate, 1.5);
  EXPECT_FALSE(reads({"f", "--count", "11"}));
  EXPECT_FALSE(reads({"f", "--count", "-1"}));
  EXPECT_FALSE(reads({"f", "--rate", "0.1"}));
}

TEST_F(ArgumentsTest, OptionsCanExcludeEachOtherAndSayWhetherTheyWereGiven) {
  std::string a, b;
  const auto first = arguments.text("--a", a, "");
  const auto second = arguments.text("--b", b, "").excludes(first);
  ASSERT_TRUE(reads({"--a", ""}));
  EXPECT_TRUE(first.was_given());
  EXPECT_FALSE(second.was_given());
  EXPECT_FALSE(reads({"--a", "x", "--b", "y"}));
}

TEST_F(ArgumentsTest, AChoiceTakesItsWordsAlone) {
  Way way = Way::api;
  arguments.choice<Way>("--by", way, {{"api", Way::api}, {"ws", Way::socket}}, "");
  EXPECT_TRUE(reads({"--by", "ws"}));
  EXPECT_EQ(way, Way::socket);
  EXPECT_FALSE(reads({"--by", "pigeon"}));
  EXPECT_EQ(way, Way::socket);
}

TEST_F(ArgumentsTest, OneModeIsRequiredWhereThereAreSome) {
  std::string chosen;
  arguments.mode("one", "", [&] { chosen = "one"; });
  arguments.mode("two", "", [&] { chosen = "two"; });
  EXPECT_FALSE(reads({}));
  EXPECT_TRUE(reads({"two"}));
  EXPECT_EQ(chosen, "two");
}

TEST_F(ArgumentsTest, AnOptionThatNeedsAnotherIsRefusedAlone) {
  bool raw = false, binary = false;
  const auto needed = arguments.flag("--raw", raw, "");
  arguments.flag("--binary", binary, "").needs(needed);
  EXPECT_FALSE(reads({"--binary"}));
  EXPECT_TRUE(reads({"--raw", "--binary"}));
}

}  // namespace
}  // namespace usher::apps
