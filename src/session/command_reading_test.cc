#include "session/command_reading.h"

#include <string>

#include "session/fake_session.h"

namespace usher::session {
namespace {

using Texts = std::vector<std::string>;

std::string pings(int first, int last) {
  std::string text;
  for (int id = first; id <= last; ++id) {
    text += R"({"id":)" + std::to_string(id) + R"(,"ping":{}})" + "\n";
  }
  return text;
}

class CommandReadingTest : public SessionTest {
 protected:
  void read(std::string text) {
    const std::size_t size = text.size();
    text.append(wire::kSpareBytes, '\0');
    CommandReading(session).read(std::string_view(text).substr(0, size));
  }
  RecordingOutlet outlet;
  FakeSession session{outlet, dependencies};
};

TEST_F(CommandReadingTest, CommandsBeyondAShareWaitForATurn) {
  session.go_live();
  read(pings(1, CommandAllowance::kPerTurn + 1));
  EXPECT_TRUE(outlet.awake);
  EXPECT_EQ(session.agenda().commands.rest(), pings(65, 65));
  session.allowance().renew();
  CommandReading(session).go_on();
  EXPECT_EQ(outlet.sent.back(), R"({"id":65,"ping":{}})");
  EXPECT_TRUE(session.agenda().is_empty());
}

TEST_F(CommandReadingTest, CommandsWaitWhileThePeerDoesNotRead) {
  session.go_live();
  outlet.room = 0;
  read(pings(1, 2));
  EXPECT_TRUE(outlet.sent.empty());
  EXPECT_EQ(session.agenda().commands.rest(), pings(1, 2));
}

TEST_F(CommandReadingTest, TheFirstCommandIsConnect) {
  read(R"({"id":1,"connect":{"token":"t"}})");
  EXPECT_EQ(session.calls, Texts{"connect 1 t"});
  read(pings(2, 2));
  EXPECT_EQ(session.calls, (Texts{"connect 1 t", "end 3501"}));
}

TEST_F(CommandReadingTest, CommandsBehindConnectWaitForItsAnswer) {
  session.holds_after_connect = true;
  read(R"({"id":1,"connect":{"token":"t"}})"
       "\n" +
       pings(2, 2));
  EXPECT_EQ(session.calls, Texts{"connect 1 t"});
  EXPECT_TRUE(outlet.paused);
  EXPECT_EQ(session.agenda().commands.rest(), pings(2, 2));
}

TEST_F(CommandReadingTest, CommandsBehindARefusedConnectWaitForTheNextOne) {
  read(R"({"id":1,"connect":{"token":"t"}})"
       "\n" +
       pings(2, 2));
  EXPECT_EQ(session.agenda().commands.rest(), pings(2, 2));
  EXPECT_FALSE(outlet.paused);
}

TEST_F(CommandReadingTest, AnEndStopsTheReadingAndDropsTheRest) {
  session.go_live();
  read("x\n" + pings(1, 1));
  EXPECT_EQ(session.calls, Texts{"end 3501"});
  EXPECT_TRUE(outlet.sent.empty());
  EXPECT_TRUE(session.agenda().is_empty());
}

TEST_F(CommandReadingTest, ASilentSessionReadsNothing) {
  session.go_live();
  session.fall_silent();
  read(pings(1, 1));
  EXPECT_TRUE(outlet.sent.empty());
  EXPECT_TRUE(session.agenda().is_empty());
}

TEST_F(CommandReadingTest, MoreThanMayWaitEndsTheConnection) {
  session.go_live();
  options.held_bytes_max = 10;
  outlet.room = 0;
  read(pings(1, 1));
  EXPECT_EQ(session.calls, Texts{"end 3501"});
}

TEST_F(CommandReadingTest, ACommandBeyondTheRateIsAnsweredWithAnError) {
  session.go_live();
  options.commands = {.count = 1, .per = std::chrono::hours(1)};
  read(pings(1, 2));
  ASSERT_EQ(outlet.sent.size(), 1u);
  EXPECT_NE(outlet.sent[0].find(R"({"id":2,"error":{"code":111)"), std::string::npos);
}

}  // namespace
}  // namespace usher::session
