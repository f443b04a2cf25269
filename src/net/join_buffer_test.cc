#include "net/join_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace usher::net {
namespace {

std::vector<iovec> parts_of(std::vector<std::string>& texts) {
  std::vector<iovec> parts;
  for (std::string& text : texts) parts.push_back({text.data(), text.size()});
  return parts;
}

std::string text_of(std::span<const char> bytes) { return {bytes.begin(), bytes.end()}; }

class JoinBufferTest : public testing::Test {
 protected:
  static constexpr std::size_t kMax = JoinBuffer::kJoinedMax;
  std::unique_ptr<JoinBuffer> buffer = std::make_unique<JoinBuffer>();
};

TEST_F(JoinBufferTest, SeveralPartsBecomeOneRange) {
  std::vector<std::string> texts{"one", "", "two"};
  EXPECT_EQ(text_of(buffer->join(parts_of(texts))), "onetwo");
}

TEST_F(JoinBufferTest, ASinglePartIsItsOwnRangeWhateverItsSize) {
  std::vector<std::string> texts{std::string(kMax + 1, 'x')};
  const auto parts = parts_of(texts);
  EXPECT_EQ(JoinBuffer::joinable(parts), 1u);
  EXPECT_EQ(buffer->join(parts).data(), texts[0].data());
}

TEST_F(JoinBufferTest, WhoHasTheSamePartsAsTheOneBeforeGetsTheSameRange) {
  std::vector<std::string> texts{"one", "two"};
  std::vector<std::string> others{"one", "two"};
  const auto first = buffer->join(parts_of(texts));
  EXPECT_EQ(buffer->join(parts_of(texts)).data(), first.data());
  EXPECT_NE(buffer->join(parts_of(others)).data(), first.data());
  EXPECT_EQ(text_of(first), "onetwo");
}

TEST_F(JoinBufferTest, PartsThatBeginAlikeButEndElsewhereAreAnotherRange) {
  std::vector<std::string> texts{"one", "two", "three"};
  const auto parts = parts_of(texts);
  EXPECT_EQ(text_of(buffer->join(std::span(parts).first(2))), "onetwo");
  EXPECT_EQ(text_of(buffer->join(parts)), "onetwothree");
  std::vector<iovec> shorter{parts[0], {parts[1].iov_base, 1}};
  EXPECT_EQ(text_of(buffer->join(shorter)), "onet");
}

// Memory is reused: the same address can hold other bytes later.
TEST_F(JoinBufferTest, NothingIsRememberedBeyondClear) {
  std::vector<std::string> texts{"one", "two"};
  buffer->join(parts_of(texts));
  buffer->clear();
  texts[1][0] = 'T';
  EXPECT_EQ(text_of(buffer->join(parts_of(texts))), "oneTwo");
}

TEST_F(JoinBufferTest, AsManyOfTheFirstPartsAreJoinableAsMakeTheMost) {
  std::vector<std::string> texts{std::string(kMax - 1, 'a'), "b", "c"};
  const auto parts = parts_of(texts);
  EXPECT_EQ(JoinBuffer::joinable(parts), 2u);
  EXPECT_EQ(JoinBuffer::joinable(std::span(parts).subspan(1)), 2u);
  EXPECT_EQ(JoinBuffer::joinable({}), 0u);
  EXPECT_EQ(buffer->join(std::span(parts).first(2)).size(), kMax);
}

TEST_F(JoinBufferTest, WhileItHasRoomAnyRangeFits) {
  std::vector<std::string> texts{std::string(kMax - 1, 'a'), "b"};
  std::vector<std::string> others{std::string(kMax - 1, 'c'), "d"};
  int joined = 0;
  while (buffer->has_room()) {
    const bool even = ++joined % 2 == 0;
    EXPECT_EQ(buffer->join(parts_of(even ? texts : others)).size(), kMax);
  }
  EXPECT_EQ(joined, 4);
  buffer->clear();
  EXPECT_TRUE(buffer->has_room());
}

}  // namespace
}  // namespace usher::net
