#include "net/connection_table.h"

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

using ConnectionTableTest = TurnsFixture;

TEST_F(ConnectionTableTest, EachConnectionKnowsItsPlaceWhoeverLeaves) {
  std::vector<Fd> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(connect());
  for (const std::size_t leaving : {1, 3, 0}) {
    peers[leaving].reset();
    turn();
    std::size_t index = 0;
    for (const auto& connection : table) EXPECT_EQ(connection->index(), index++);
  }
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(application.sockets, 2);
}

TEST_F(ConnectionTableTest, AConnectionThatAListRefersToIsNotDestroyedYet) {
  const Fd peer = connect();
  AcceptedSocket& connection = **table.begin();
  connection.ask_for_turn();
  connection.abandon();
  EXPECT_EQ(table.size(), 0u);
  table.bury_retired();
  ASSERT_EQ(context.to_run().take(), &connection);
  connection.run();  // alive, and has nothing to do
  EXPECT_EQ(connection.phase(), Phase::closed);
  table.bury_retired();
}

TEST_F(ConnectionTableTest, IdleConnectionsAreGivenUpAndOthersAreNot) {
  const Fd fresh = connect();
  const Fd asking = connect();
  const Fd web_socket = connect_web_socket();
  say(asking, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(table.give_up_idle(10));
  std::vector<Fd> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(connect());
    say(idle.back(), kGet);
  }
  turn();
  EXPECT_TRUE(table.give_up_idle(2));
  EXPECT_EQ(table.size(), 4u);
  EXPECT_TRUE(table.give_up_idle(10));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_FALSE(table.give_up_idle(10));
  turn();
  EXPECT_EQ(receive(fresh) + receive(web_socket), "");
}

TEST_F(ConnectionTableTest, ClearEndsAllWithoutAWord) {
  const Fd peer = connect_web_socket();
  table.clear();
  EXPECT_EQ(receive(peer), kEnd);
  EXPECT_TRUE(application.heard.empty());
}

}  // namespace
}  // namespace usher::net
