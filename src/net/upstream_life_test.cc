#include "net/upstream_life.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace usher::net {
namespace {

using Stage = UpstreamStage;
using Event = UpstreamEvent;

template <class Enum>
std::vector<Enum> all() {
  std::vector<Enum> values;
  for (int i = 0; i < static_cast<int>(Enum::count_); ++i) values.push_back(static_cast<Enum>(i));
  return values;
}

// Each pair that changes the stage, but `gone`, which closes all. All others must leave it as it is.
const std::map<std::pair<Stage, Event>, Stage>& steps() {
  static const std::map<std::pair<Stage, Event>, Stage> kSteps = {
      {{Stage::idle, Event::dialled}, Stage::resolving},
      {{Stage::resolving, Event::resolved}, Stage::connecting},
      {{Stage::connecting, Event::connected}, Stage::asking},
      {{Stage::asking, Event::answered}, Stage::waiting},
      {{Stage::waiting, Event::opened}, Stage::open},
      {{Stage::open, Event::said_last}, Stage::leaving},
  };
  return kSteps;
}

TEST(UpstreamLifeTest, EachPairOfStageAndEventLeadsWhereTheListSaysAndNowhereElse) {
  for (const Stage stage : all<Stage>()) {
    for (const Event event : all<Event>()) {
      const auto step = steps().find({stage, event});
      Stage expected = step == steps().end() ? stage : step->second;
      if (event == Event::gone) expected = Stage::closed;
      EXPECT_EQ(next(stage, event), expected)
          << "stage " << static_cast<int>(stage) << ", event " << static_cast<int>(event);
    }
  }
}

TEST(UpstreamLifeTest, EachStageIsReachedFromIdleAndNoneComesBack) {
  std::set<Stage> seen = {Stage::idle};
  std::vector<Stage> to_visit = {Stage::idle};
  while (!to_visit.empty()) {
    const Stage stage = to_visit.back();
    to_visit.pop_back();
    for (const Event event : all<Event>()) {
      const Stage to = next(stage, event);
      EXPECT_GE(to, stage);
      if (seen.insert(to).second) to_visit.push_back(to);
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(Stage::count_));
}

TEST(UpstreamLifeTest, BytesPassOnlyBehindAnAnswer) {
  Stage stage = Stage::idle;
  for (const Event early : {Event::opened, Event::said_last}) EXPECT_EQ(next(stage, early), stage);
  for (const Event event : {Event::dialled, Event::resolved, Event::connected, Event::answered}) {
    EXPECT_NE(next(stage, Event::opened), Stage::open);
    stage = next(stage, event);
  }
  EXPECT_EQ(next(stage, Event::opened), Stage::open);
}

}  // namespace
}  // namespace usher::net
