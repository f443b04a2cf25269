#include "session/agenda.h"

#include <gtest/gtest.h>

namespace usher::session {
namespace {

TEST(AgendaTest, CommandsWaitInTheirOrder) {
  WaitingCommands waiting;
  EXPECT_TRUE(waiting.add("one\ntwo", 100));
  EXPECT_TRUE(waiting.add("three", 100));
  EXPECT_EQ(waiting.rest(), "one\ntwo\nthree");
  waiting.keep(9);
  EXPECT_EQ(waiting.rest(), "two\nthree");
  waiting.keep(0);
  EXPECT_EQ(waiting.rest(), "");
  EXPECT_FALSE(waiting.empty()) << "the text is still there for its readers";
  waiting.drop_all();
  EXPECT_TRUE(waiting.empty());
  EXPECT_TRUE(waiting.add("four", 100));
  EXPECT_EQ(waiting.rest(), "four");
}

TEST(AgendaTest, TooManyBytesAreNotTaken) {
  WaitingCommands waiting;
  EXPECT_TRUE(waiting.add("1234", 10));
  EXPECT_FALSE(waiting.add("1234567", 10));
  EXPECT_EQ(waiting.rest(), "1234");
  EXPECT_TRUE(waiting.add("123456", 10));
}

TEST(AgendaTest, ItIsEmptyWhenNothingIsOnIt) {
  const auto with = [](auto put) {
    Agenda agenda;
    put(agenda);
    return agenda.is_empty();
  };
  EXPECT_TRUE(with([](Agenda&) {}));
  EXPECT_FALSE(with([](Agenda& agenda) { EXPECT_TRUE(agenda.commands.add("x", 1)); }));
  EXPECT_FALSE(with([](Agenda& agenda) { agenda.close.emplace(3503, "FORCE_DISCONNECT"); }));
  EXPECT_FALSE(with([](Agenda& agenda) { agenda.new_end = Agenda::NewEnd{}; }));
  EXPECT_FALSE(with([](Agenda& agenda) { agenda.engine_away = true; }));
  EXPECT_FALSE(with(
      [](Agenda& agenda) { agenda.refresh = std::make_unique<Refresh>(1, TimePoint::max()); }));
}

}  // namespace
}  // namespace usher::session
