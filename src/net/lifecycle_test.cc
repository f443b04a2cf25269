#include "net/lifecycle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace usher::net {
namespace {

std::vector<Phase> phases() {
  std::vector<Phase> all;
  for (std::size_t i = 0; i < lifecycle::kPhases; ++i) all.push_back(static_cast<Phase>(i));
  return all;
}

std::vector<Event> events() {
  std::vector<Event> all;
  for (std::size_t i = 0; i < lifecycle::kEvents; ++i) all.push_back(static_cast<Event>(i));
  return all;
}

// Each pair that changes the phase. All others must leave it as it is.
const std::map<std::pair<Phase, Event>, Phase>& steps() {
  static const std::map<std::pair<Phase, Event>, Phase> kSteps = {
      {{Phase::http, Event::upgraded}, Phase::held},
      {{Phase::http, Event::said_last}, Phase::answered},
      {{Phase::http, Event::broken}, Phase::closed},
      {{Phase::http, Event::gone}, Phase::closed},
      {{Phase::answered, Event::sent}, Phase::dismissed},
      {{Phase::answered, Event::broken}, Phase::closed},
      {{Phase::answered, Event::timed_out}, Phase::closed},
      {{Phase::answered, Event::gone}, Phase::closed},
      {{Phase::dismissed, Event::broken}, Phase::closed},
      {{Phase::dismissed, Event::timed_out}, Phase::closed},
      {{Phase::dismissed, Event::gone}, Phase::closed},
      {{Phase::held, Event::released}, Phase::open},
      {{Phase::held, Event::overflowed}, Phase::overflowed},
      {{Phase::held, Event::broken}, Phase::failed},
      {{Phase::held, Event::said_close}, Phase::closing},
      {{Phase::held, Event::said_last}, Phase::ending},
      {{Phase::held, Event::gone}, Phase::closed},
      {{Phase::open, Event::overflowed}, Phase::overflowed},
      {{Phase::open, Event::broken}, Phase::failed},
      {{Phase::open, Event::said_close}, Phase::closing},
      {{Phase::open, Event::said_last}, Phase::ending},
      {{Phase::open, Event::gone}, Phase::closed},
      {{Phase::overflowed, Event::said_close}, Phase::closing},
      {{Phase::overflowed, Event::said_last}, Phase::ending},
      {{Phase::overflowed, Event::broken}, Phase::closed},
      {{Phase::overflowed, Event::gone}, Phase::closed},
      {{Phase::failed, Event::broken}, Phase::closed},
      {{Phase::failed, Event::gone}, Phase::closed},
      {{Phase::closing, Event::sent}, Phase::farewell},
      {{Phase::closing, Event::broken}, Phase::closed},
      {{Phase::closing, Event::timed_out}, Phase::closed},
      {{Phase::closing, Event::gone}, Phase::closed},
      {{Phase::ending, Event::sent}, Phase::lingering},
      {{Phase::ending, Event::broken}, Phase::closed},
      {{Phase::ending, Event::timed_out}, Phase::closed},
      {{Phase::ending, Event::gone}, Phase::closed},
      {{Phase::farewell, Event::peer_closed}, Phase::lingering},
      {{Phase::farewell, Event::timed_out}, Phase::lingering},
      {{Phase::farewell, Event::broken}, Phase::closed},
      {{Phase::farewell, Event::gone}, Phase::closed},
      {{Phase::lingering, Event::broken}, Phase::closed},
      {{Phase::lingering, Event::timed_out}, Phase::closed},
      {{Phase::lingering, Event::gone}, Phase::closed},
  };
  return kSteps;
}

TEST(LifecycleTest, EachPairOfPhaseAndEventLeadsWhereTheListSaysAndNowhereElse) {
  for (const Phase phase : phases()) {
    for (const Event event : events()) {
      const auto step = steps().find({phase, event});
      const Phase expected = step == steps().end() ? phase : step->second;
      EXPECT_EQ(next(phase, event), expected)
          << "phase " << lifecycle::at(phase) << ", event " << lifecycle::at(event);
    }
  }
}

TEST(LifecycleTest, EachPhaseIsReachedFromHttpAndNoneComesBack) {
  std::set<Phase> seen = {Phase::http};
  std::vector<Phase> to_visit = {Phase::http};
  while (!to_visit.empty()) {
    const Phase phase = to_visit.back();
    to_visit.pop_back();
    for (const Event event : events()) {
      const Phase to = next(phase, event);
      EXPECT_FALSE(to == Phase::http && phase != Phase::http);
      if (seen.insert(to).second) to_visit.push_back(to);
    }
  }
  EXPECT_EQ(seen.size(), lifecycle::kPhases);
}

// docs/diagrams/connection.dot leaves out the arrows that every phase has: a peer that leaves, and
// a broken socket.
TEST(LifecycleTest, TheDiagramHasTheArrowsOfTheTable) {
  const std::vector<std::string> names = {"http",   "answered",   "dismissed", "held",
                                          "open",   "overflowed", "failed",    "closing",
                                          "ending", "farewell",   "lingering", "closed"};
  ASSERT_EQ(names.size(), lifecycle::kPhases);
  std::set<std::string> expected = {"start -> http"};
  for (const Phase phase : phases()) {
    for (const Event event : events()) {
      const Phase to = next(phase, event);
      const bool is_in_each =
          event == Event::gone || (event == Event::broken && to == Phase::closed);
      if (to == phase || is_in_each) continue;
      expected.insert(names[lifecycle::at(phase)] + " -> " + names[lifecycle::at(to)]);
    }
  }
  const char* const root = std::getenv("USHER_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "USHER_SOURCE_DIR is not set";
  std::ifstream diagram(std::string(root) + "/docs/diagrams/connection.dot");
  ASSERT_TRUE(diagram);
  std::set<std::string> drawn;
  for (std::string line; std::getline(diagram, line);) {
    std::istringstream words(line);
    std::string from, arrow, to;
    if (words >> from >> arrow >> to && arrow == "->") drawn.insert(from + " -> " + to);
  }
  EXPECT_EQ(drawn, expected);
}

// Otherwise a peer that does nothing would keep its connection for ever.
TEST(LifecycleTest, EachPhaseBehindTheLastWordHasADeadlineThatLeadsOn) {
  for (const Phase phase : phases()) {
    const PhaseRules& rules = rules_of(phase);
    const bool is_last = rules.reading != Reading::as_asked && phase != Phase::closed;
    EXPECT_EQ(is_last,
              rules.deadline == PhaseDeadline::goodbye || rules.deadline == PhaseDeadline::linger);
    if (is_last) {
      EXPECT_NE(next(phase, Event::timed_out), phase) << lifecycle::at(phase);
    }
  }
}

// AcceptedSocket counts a connection in when it enters such a phase, and out when it leaves it.
TEST(LifecycleTest, AConnectionIsAdmittedOnceAndLingersOnce) {
  for (const Phase phase : phases()) {
    for (const Event event : events()) {
      const Phase to = next(phase, event);
      if (rules_of(phase).admitted) {
        EXPECT_TRUE(rules_of(to).admitted || to == Phase::closed);
      }
      if (!rules_of(phase).admitted && rules_of(to).admitted) {
        EXPECT_EQ(event, Event::upgraded);
      }
      if (rules_of(phase).lingers) {
        EXPECT_TRUE(rules_of(to).lingers || to == Phase::closed);
      }
    }
  }
}

TEST(LifecycleTest, TheRulesOfAPhaseAgreeWithEachOther) {
  for (const Phase phase : phases()) {
    const PhaseRules& rules = rules_of(phase);
    if (rules.sends) {
      EXPECT_TRUE(rules.tells_session && rules.admitted && rules.keeps_bytes);
    }
    if (rules.tells_session) {
      EXPECT_TRUE(rules.sends || rules.needs_turn);
    }
    if (rules.half_closed) {
      EXPECT_TRUE(rules.lingers && !rules.leaves);
    }
    EXPECT_EQ(rules.lingers, rules.reading == Reading::discarded);
    EXPECT_EQ(rules.acts_on_sent, rules.leaves && phase != Phase::open);
    if (rules.reading == Reading::stopped && phase != Phase::closed) {
      EXPECT_NE(next(phase, Event::sent), phase);
    }
  }
}

}  // namespace
}  // namespace usher::net
