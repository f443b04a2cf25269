#include "hub/held_back.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/publications.h"

namespace usher::hub {
namespace {

using Told = std::vector<std::string>;

Delivery delivery(std::uint64_t offset, const std::string& text) {
  return {offset, wire::make_text_frame(text)};
}

Told released(const HeldBack& held_back, std::uint64_t offset) {
  Told told;
  held_back.release_after(
      offset, [&](const Delivery& one) { told.push_back(test::payload_of(one.frame)); });
  return told;
}

TEST(HeldBackTest, WhatTheAnswerHasIsNotDeliveredAgain) {
  HeldBack held_back;
  held_back.add(delivery(4, "four"));
  held_back.add(delivery(0, "join"));
  held_back.add(delivery(5, "five"));
  held_back.add(delivery(6, "six"));
  EXPECT_EQ(held_back.size(), 4u);
  EXPECT_EQ(released(held_back, 5), (Told{"join", "six"}));
  EXPECT_EQ(held_back.lost_offset(), 0u);
}

TEST(HeldBackTest, DroppingRemembersUpToWhichOffset) {
  HeldBack held_back;
  held_back.add(delivery(4, "four"));
  held_back.add(delivery(5, "five"));
  held_back.add(delivery(0, "leave"));
  held_back.drop_all();
  EXPECT_EQ(held_back.size(), 0u);
  EXPECT_EQ(held_back.lost_offset(), 5u);
  held_back.drop_all();
  EXPECT_EQ(held_back.lost_offset(), 5u);
  held_back.add(delivery(6, "six"));
  EXPECT_EQ(released(held_back, 5), Told{"six"});
}

TEST(HeldBackTest, ClearingRemembersNothing) {
  HeldBack held_back;
  held_back.add(delivery(4, "four"));
  held_back.clear();
  EXPECT_EQ(held_back.size(), 0u);
  EXPECT_EQ(held_back.lost_offset(), 0u);
}

}  // namespace
}  // namespace usher::hub
