// scenario_recorder FOLDER FIRST_SEED COUNT: writes COUNT random scenarios, as the C++ client plays
// them.

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <boost/json/serialize.hpp>

#include "scenarios/random_scenario.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: scenario_recorder FOLDER FIRST_SEED COUNT\n";
    return 2;
  }
  constexpr int kSteps = 150;
  const std::string folder = argv[1];
  const auto first = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  const auto count = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
  for (std::uint32_t seed = first; seed != first + count; ++seed) {
    std::ofstream out(folder + "/random-" + std::to_string(seed) + ".json");
    out << boost::json::serialize(usher::scenarios::record_random_scenario(seed, kSteps)) << "\n";
    if (!out) {
      std::cerr << "scenario_recorder: " << folder << " can't be written to\n";
      return 1;
    }
  }
  return 0;
}
