#include "redis/link/handshake.h"

#include <gtest/gtest.h>

#include "redis/link/command.h"

namespace usher::redis {
namespace {

const Reply kOk = Reply::of(std::string("OK"));
const Reply kPong = Reply::of(std::string("PONG"));
const Reply kInfo =
    Reply::of(std::string("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\nrun_ids:x\r\n"));
const Reply kMaster =
    Reply::of(std::string("# Replication\r\nrole:master\r\nmaster_replid:def\r\n"));

HandshakeError refused(const Address& address, std::vector<Reply> replies) {
  const auto judged = Handshake(address).judge(replies);
  EXPECT_FALSE(judged.has_value());
  return judged ? HandshakeError{} : judged.error().error;
}

TEST(Handshake, AsksForNoMoreThanTheAddressNeeds) {
  std::string plain;
  write_command(plain, {"PING"});
  write_command(plain, {"INFO", "server"});
  write_command(plain, {"INFO", "replication"});
  EXPECT_EQ(Handshake(Address{}).request(), plain);

  std::string all;
  write_command(all, {"AUTH", "gate", "pw"});
  write_command(all, {"SELECT", "2"});
  EXPECT_EQ(Handshake({.user = "gate", .password = "pw", .database = 2}).request(), all + plain);
  std::string password;
  write_command(password, {"AUTH", "pw"});
  EXPECT_EQ(Handshake({.password = "pw"}).request(), password + plain);
}

TEST(Handshake, AMasterTellsWhoItIs) {
  const Handshake handshake({.password = "pw", .database = 1});
  ASSERT_EQ(handshake.replies(), 5u);
  const auto server = handshake.judge(std::vector{kOk, kOk, kPong, kInfo, kMaster});
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(server->run_id, "abc");
  EXPECT_EQ(server->replication_id, "def");
  EXPECT_EQ(server->version, "7.0.15");
}

TEST(Handshake, MistakesOfTheAddressAreCalledWhatTheyAre) {
  const Reply no = Reply::error("ERR unknown command");
  const auto info = [](const char* mode) {
    return Reply::of("redis_version:7\r\nredis_mode:" + std::string(mode) + "\r\nrun_id:x\r\n");
  };
  const Reply sentinel = info("sentinel"), empty = Reply::of(std::string());
  EXPECT_EQ(refused({}, {kPong, sentinel, empty}), HandshakeError::sentinel);
  EXPECT_EQ(refused({.database = 3}, {no, kPong, sentinel, empty}), HandshakeError::sentinel);
  EXPECT_EQ(refused({}, {kPong, info("cluster"), kMaster}), HandshakeError::cluster);
  EXPECT_TRUE(Handshake(Address{}).judge(std::vector{kPong, info("standalone"), kMaster}));
  const Reply wanted = Reply::error("NOAUTH Authentication required.");
  EXPECT_EQ(refused({}, {wanted, wanted, wanted}), HandshakeError::password_wanted);
  EXPECT_EQ(refused({.database = 1}, {wanted, wanted, wanted, wanted}),
            HandshakeError::password_wanted);
  for (const char* none : {"ERR AUTH <password> called without any password configured for the "
                           "default user. Are you sure your configuration is correct?",
                           "ERR Client sent AUTH, but no password is set"}) {
    EXPECT_EQ(refused({.password = "pw"}, {Reply::error(none), kPong, kInfo, kMaster}),
              HandshakeError::no_password_set);
  }
}

TEST(Handshake, EachRefusalHasItsName) {
  const Reply no = Reply::error("ERR no");
  EXPECT_EQ(refused({.password = "pw"}, {no, kPong, kInfo, kMaster}),
            HandshakeError::authentication_refused);
  EXPECT_EQ(refused({.database = 99}, {no, kPong, kInfo, kMaster}),
            HandshakeError::database_refused);
  EXPECT_EQ(refused({}, {Reply::error("LOADING x"), kInfo, kMaster}), HandshakeError::not_ready);
  EXPECT_EQ(refused({}, {kPong, Reply::error("NOPERM x"), kMaster}), HandshakeError::info_refused);
  EXPECT_EQ(refused({}, {kPong, kInfo, Reply::error("NOPERM x")}), HandshakeError::info_refused);
  EXPECT_EQ(refused({}, {kPong, Reply::nil(), kMaster}), HandshakeError::not_redis);
  EXPECT_EQ(refused({}, {kPong, kOk, kMaster}), HandshakeError::not_redis);
  EXPECT_EQ(refused({}, {kPong, kInfo, Reply::of(std::string("role:slave\r\n"))}),
            HandshakeError::replica);
}

TEST(Handshake, AnEchoedPasswordIsNotRepeated) {
  const auto judged = Handshake({.password = "s3cret"})
                          .judge(std::vector{Reply::error("ERR unknown command `AUTH`, with args "
                                                          "beginning with: `s3cret`, "),
                                             kPong, kInfo, kMaster});
  ASSERT_FALSE(judged.has_value());
  EXPECT_EQ(to_string(judged.error()), "user or password refused: ERR");
}

}  // namespace
}  // namespace usher::redis
