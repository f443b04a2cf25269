#include "session/earlier_tokens.h"

#include <gtest/gtest.h>

namespace usher::session {
namespace {

using Texts = std::vector<std::string>;

Texts known(const EarlierTokens& tokens) { return {tokens.names().begin(), tokens.names().end()}; }

TEST(EarlierTokens, EachIsKnownUntilItEnds) {
  EarlierTokens tokens;
  tokens.add("a", 100, 10, 8);
  tokens.add("b", 200, 20, 8);
  EXPECT_EQ(known(tokens), (Texts{"a", "b"}));
  tokens.add("c", 300, 100, 8);
  EXPECT_EQ(known(tokens), (Texts{"b", "c"}));
  tokens.add("", 300, 100, 8);
  tokens.add("gone", 100, 100, 8);
  EXPECT_EQ(known(tokens), (Texts{"b", "c"}));
}

TEST(EarlierTokens, OneThatComesTwiceIsOne) {
  EarlierTokens tokens;
  tokens.add("a", 100, 10, 8);
  tokens.add("a", 200, 10, 8);
  tokens.add("b", 300, 150, 8);
  EXPECT_EQ(known(tokens), (Texts{"a", "b"}));
}

TEST(EarlierTokens, AtTheBoundTheOneThatEndsFirstIsForgotten) {
  EarlierTokens tokens;
  tokens.add("a", 300, 10, 2);
  tokens.add("b", 200, 10, 2);
  tokens.add("c", 400, 10, 2);
  EXPECT_EQ(known(tokens), (Texts{"a", "c"}));
}

}  // namespace
}  // namespace usher::session
