#include "net/body_room.h"

#include <gtest/gtest.h>

#include <optional>

namespace usher::net {
namespace {

TEST(BodyRoomTest, AnAddressHasItsShareAndNotOneByteMore) {
  BodyRoom room({.bytes_max = 1000, .bytes_per_address_max = 100});
  BodyHold first(&room), second(&room), other(&room);
  first.set_owner(Caller::client, "a");
  second.set_owner(Caller::client, "a");
  other.set_owner(Caller::client, "b");
  EXPECT_TRUE(first.resize(60));
  EXPECT_TRUE(second.resize(40));
  EXPECT_FALSE(second.resize(41));
  EXPECT_TRUE(other.resize(100));
  first.release();
  EXPECT_TRUE(second.resize(100));
  EXPECT_EQ(room.bytes(Caller::client), 200u);
}

TEST(BodyRoomTest, AllTogetherHaveTheirsAndNotOneByteMore) {
  BodyRoom room({.bytes_max = 100, .bytes_per_address_max = 80});
  BodyHold first(&room), second(&room);
  first.set_owner(Caller::client, "a");
  second.set_owner(Caller::client, "b");
  EXPECT_TRUE(first.resize(80));
  EXPECT_TRUE(second.resize(20));
  EXPECT_FALSE(second.resize(21));
  EXPECT_TRUE(second.resize(5));
  EXPECT_TRUE(second.resize(20));
}

TEST(BodyRoomTest, ClientsTakeNoRoomFromBackends) {
  BodyRoom room({.bytes_max = 100, .bytes_per_address_max = 100});
  BodyHold client(&room), backend(&room);
  client.set_owner(Caller::client, "a");
  backend.set_owner(Caller::backend, "a");
  EXPECT_TRUE(client.resize(100));
  EXPECT_TRUE(backend.resize(100));
}

TEST(BodyRoomTest, AnAddressThatStandsForManyIsHeldToTheWholeOnly) {
  BodyRoom room({.bytes_max = 100, .bytes_per_address_max = 10});
  BodyHold hold(&room);
  hold.set_owner(Caller::client, "");
  EXPECT_TRUE(hold.resize(100));
  EXPECT_FALSE(hold.resize(101));
}

TEST(BodyRoomTest, WithoutLimitsEverythingFits) {
  BodyRoom room({});
  BodyHold hold(&room);
  hold.set_owner(Caller::client, "a");
  EXPECT_TRUE(hold.resize(std::uint64_t{1} << 40));
}

TEST(BodyRoomTest, WhatEndsMakesRoom) {
  BodyRoom room({.bytes_max = 100, .bytes_per_address_max = 100});
  {
    BodyHold hold(&room);
    hold.set_owner(Caller::client, "a");
    EXPECT_TRUE(hold.resize(100));
  }
  EXPECT_EQ(room.bytes(Caller::client), 0u);
}

TEST(BodyRoomTest, ALimitThatComesLaterKnowsWhatIsThere) {
  BodyRoom room({});
  BodyHold first(&room);
  first.set_owner(Caller::client, "a");
  EXPECT_TRUE(first.resize(80));
  room.set_options({.bytes_max = 100, .bytes_per_address_max = 50});
  EXPECT_FALSE(first.resize(81)) << "beyond the share of its address";
  BodyHold second(&room);
  second.set_owner(Caller::client, "b");
  EXPECT_FALSE(second.resize(30)) << "beyond the room";
  EXPECT_TRUE(second.resize(20));
}

}  // namespace
}  // namespace usher::net
