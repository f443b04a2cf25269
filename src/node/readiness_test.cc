#include "node/readiness.h"

#include <gtest/gtest.h>

#include "support/recording_log.h"

namespace usher::node {
namespace {

using Lines = std::vector<std::string>;

TEST(Readiness, EachChangeIsSaidOnceAndSoIsTheEnd) {
  test::RecordingLog log;
  Readiness readiness(log);
  Readiness::Reasons first, second;
  readiness.add([&] { return first; });
  readiness.add([&] { return second; });
  readiness.tick();
  EXPECT_TRUE(log.lines.empty()) << "nothing was missing";
  first = {"redis refuses writes: NOREPLICAS Not enough good replicas to write."};
  readiness.tick();
  readiness.tick();
  second = {"no key set yet"};
  readiness.tick();
  first = {"redis refuses writes: OOM"};
  second = {};
  readiness.tick();
  EXPECT_EQ(readiness.reasons(), first);
  first = {};
  readiness.tick();
  readiness.tick();
  ASSERT_EQ(log.lines.size(), 4u);
  EXPECT_NE(log.lines[0].find("NOREPLICAS"), std::string::npos);
  EXPECT_NE(log.lines[1].find("write.; no key set yet"), std::string::npos);
  EXPECT_NE(log.lines[2].find("OOM"), std::string::npos);
  EXPECT_TRUE(log.lines[3].starts_with("ready")) << log.lines[3];
}

}  // namespace
}  // namespace usher::node
