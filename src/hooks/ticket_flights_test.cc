#include "hooks/ticket_flights.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/seeded_entropy.h"

namespace usher::hooks {
namespace {

using namespace std::chrono_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;
using Role = TicketFlights::Role;
using ticket::TicketHookFault;

TicketFlights::Answer answer_of(std::string session) {
  return std::make_shared<ticket::TicketHookAnswer>(auth::Claims{.session = std::move(session)});
}

class TicketFlightsTest : public testing::Test {
 protected:
  TicketFlights::Key key(const char* cookie) const {
    return flights.key_of(Fields{{"cookie", cookie}}, "{}");
  }
  Role join(const TicketFlights::Key& which) {
    auto joined = flights.join(which, clock.now(), [this](const TicketFlights::Answer& answer) {
      told.push_back(session_of(answer));
    });
    known = joined.answer ? session_of(joined.answer) : "";
    return joined.role;
  }
  void land(const TicketFlights::Key& which, std::string session, bool keep = true) {
    flights.land(which, answer_of(std::move(session)), keep, clock.now());
  }
  static std::string session_of(const TicketFlights::Answer& answer) {
    return std::get<auth::Claims>(*answer).session;
  }

  test::ManualClock clock;
  test::SeededEntropy entropy;
  TicketFlights flights{entropy};
  std::vector<std::string> told;
  std::string known;
};

TEST_F(TicketFlightsTest, TheFirstAsksAndAllOthersWaitForItsAnswer) {
  EXPECT_EQ(join(key("a")), Role::starts);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(join(key("a")), Role::waits);
  EXPECT_EQ(join(key("b")), Role::starts);
  EXPECT_EQ(told.size(), 0u);
  land(key("a"), "s");
  EXPECT_EQ(told, (std::vector<std::string>{"s", "s", "s", "s"}));
}

TEST_F(TicketFlightsTest, AnAnswerIsKnownUntilASecondAfterTheQuestion) {
  join(key("a"));
  clock.advance(400ms);
  land(key("a"), "s");
  clock.advance(599ms);
  EXPECT_EQ(join(key("a")), Role::known);
  EXPECT_EQ(known, "s");
  EXPECT_EQ(told.size(), 1u) << "who asks later is not called";
  clock.advance(1ms);
  EXPECT_EQ(join(key("a")), Role::starts);
}

TEST_F(TicketFlightsTest, AnAnswerThatTookASecondIsForThoseWhoWaitedOnly) {
  join(key("a"));
  clock.advance(3s);
  EXPECT_EQ(join(key("a")), Role::waits);
  land(key("a"), "s");
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(join(key("a")), Role::starts);
}

TEST_F(TicketFlightsTest, EachAnswerIsForgottenInItsOwnTime) {
  join(key("a"));
  clock.advance(100ms);
  join(key("b"));
  land(key("b"), "b");  // known until 1.1 s, and landed before the one until 1.0 s
  land(key("a"), "a");
  clock.advance(900ms);
  EXPECT_EQ(join(key("a")), Role::starts);
  EXPECT_EQ(join(key("b")), Role::known);
  clock.advance(100ms);
  EXPECT_EQ(join(key("b")), Role::starts);
  EXPECT_EQ(flights.size(), 2u);
}

TEST_F(TicketFlightsTest, AnAnswerThatIsNotKeptIsForThoseWhoWaitedOnly) {
  join(key("a"));
  land(key("a"), "s", /*keep=*/false);
  EXPECT_EQ(join(key("a")), Role::starts);
}

TEST_F(TicketFlightsTest, WaitersOfOneFlightAreBounded) {
  EXPECT_EQ(join(key("a")), Role::starts);
  for (std::size_t i = 1; i < TicketFlights::kWaitersMax; ++i)
    ASSERT_EQ(join(key("a")), Role::waits);
  EXPECT_EQ(join(key("a")), Role::full);
  EXPECT_EQ(join(key("b")), Role::starts);
  land(key("a"), "s");
  EXPECT_EQ(told.size(), TicketFlights::kWaitersMax);
}

TEST_F(TicketFlightsTest, KnownAnswersAreBoundedInBytes) {
  const std::string large(1 << 20, 'x');
  std::size_t kept = 0;
  for (int i = 0; i < 20; ++i) {
    const auto name = key(std::to_string(i).c_str());
    join(name);
    land(name, large);
    if (join(name) == Role::known) {
      ++kept;
    } else {
      land(name, "small", /*keep=*/false);
    }
  }
  EXPECT_EQ(kept, 15u) << "16 MiB, with what each entry takes besides";
  clock.advance(1s);
  const auto name = key("later");
  join(name);
  land(name, large);
  EXPECT_EQ(join(name), Role::known) << "there is room again";
}

TEST_F(TicketFlightsTest, AWaiterMayJoinAgainAtOnce) {
  flights.join(key("a"), clock.now(),
               [this](const TicketFlights::Answer&) { EXPECT_EQ(join(key("a")), Role::known); });
  land(key("a"), "s");
  EXPECT_EQ(known, "s");
}

TEST_F(TicketFlightsTest, KeysDifferInEverythingThatTheBackendIsTold) {
  const auto key_of = [&](const Fields& fields, const char* body = "{}") {
    return flights.key_of(fields, body);
  };
  const std::vector<TicketFlights::Key> keys = {
      key_of({{"cookie", "a"}}),
      key_of({{"cookie", "b"}}),
      key_of({{"authorization", "a"}}),
      key_of({{"cookie", "a"}}, R"({"origin":null})"),
      key_of({{"cookie", "a"}, {"authorization", "b"}}),
      key_of({{"cookie", "a13:authorization1:b"}}),
      key_of({{"cookie", "a1"}}),
      key_of({}, "{}"),
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " " << j;
  }
  EXPECT_EQ(keys[0], key_of({{"cookie", "a"}}));
  test::SeededEntropy other(7);
  EXPECT_NE(TicketFlights(other).key_of(Fields{{"cookie", "a"}}, "{}"), keys[0])
      << "another node has another secret";
}

}  // namespace
}  // namespace usher::hooks
