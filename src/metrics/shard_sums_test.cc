#include "metrics/shard_sums.h"

#include <gtest/gtest.h>

namespace usher::metrics {
namespace {

enum class Colour : std::uint8_t { red, blue, count_ };
std::string_view to_string(Colour colour) { return colour == Colour::red ? "red" : "blue"; }

struct Shard {
  Counter issued;
  Gauge live;
  PerEnum<Colour> colours;
};

class ShardSumsTest : public testing::Test {
 protected:
  bool has(std::string_view line) const {
    return ("\n" + page.render()).find("\n" + std::string(line) + "\n") != std::string::npos;
  }

  Shard first, second;
  MetricsPage page;
  ShardSums<Shard> sums{page, {&first, &second}};
};

TEST_F(ShardSumsTest, CountersAndGaugesOfTheShardsAreAddedUp) {
  sums.add("issued_total", "Issued.", &Shard::issued);
  sums.add("live", "Live.", &Shard::live);
  first.issued.add(3);
  second.issued.add();
  first.live.add(5);
  second.live.add(-1);
  EXPECT_TRUE(has("issued_total 4")) << page.render();
  EXPECT_TRUE(has("live 4"));
  EXPECT_TRUE(has("# TYPE issued_total counter"));
  EXPECT_TRUE(has("# TYPE live gauge"));
}

TEST_F(ShardSumsTest, EachValueOfAnEnumIsASeriesFromTheStart) {
  sums.add("colours_total", "Colours.", "colour", &Shard::colours);
  second.colours[Colour::blue].add(2);
  EXPECT_TRUE(has("colours_total{colour=\"red\"} 0")) << page.render();
  EXPECT_TRUE(has("colours_total{colour=\"blue\"} 2"));
}

}  // namespace
}  // namespace usher::metrics
