#include "session/session_view.h"

#include "session/fake_session.h"

namespace usher::session {
namespace {

class SessionViewTest : public SessionTest {
 protected:
  RecordingOutlet outlet;
  FakeSession session{outlet, dependencies};
};

TEST_F(SessionViewTest, NothingIsSaidOnceTheHubHasOrderedToClose) {
  session.reply("1");
  session.fall_silent();
  session.reply("2");
  EXPECT_EQ(outlet.sent, std::vector<std::string>{"1"});
}

TEST_F(SessionViewTest, AnErrorIsCounted) {
  session.reply_error(7, wire::ProtocolError::permission_denied);
  EXPECT_NE(outlet.sent.at(0).find(R"({"id":7,"error":{"code":103)"), std::string::npos);
  EXPECT_EQ(observer.refused, 1);
}

TEST_F(SessionViewTest, HookCallsHaveALimit) {
  options.hook_calls_max = 1;
  EXPECT_TRUE(session.begin_hook_call());
  EXPECT_FALSE(session.begin_hook_call());
  session.end_hook_call();
  EXPECT_TRUE(session.begin_hook_call());
}

TEST_F(SessionViewTest, TheAnswerToAPingIsFree) {
  options.commands = {.count = 1, .per = std::chrono::hours(1)};
  EXPECT_TRUE(session.pay(Price::rate));
  EXPECT_FALSE(session.pay(Price::answer)) << "no ping is out";
  session.ping();
  EXPECT_TRUE(session.pay(Price::answer));
}

TEST_F(SessionViewTest, AnAgendaIsKeptWhileSomethingIsOnIt) {
  session.drop_empty_agenda();
  session.agenda().engine_away = true;
  session.drop_empty_agenda();
  EXPECT_TRUE(session.agenda().engine_away);
  session.agenda().engine_away = false;
  session.drop_empty_agenda();
  EXPECT_TRUE(session.agenda().is_empty());
}

}  // namespace
}  // namespace usher::session
