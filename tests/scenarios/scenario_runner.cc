// scenario_runner FILE...: prints `ok NAME`, or `not ok NAME` and the first difference, for each
// file. Exits 1 if any failed, 2 when called wrongly.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <boost/json/parse.hpp>

#include "scenarios/scenario_player.h"

namespace {

using usher::scenarios::BadScenario;

boost::json::value parse_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw BadScenario("can't be read");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  boost::json::parse_options options;
  options.max_depth = 256;
  options.allow_comments = true;
  boost::system::error_code error;
  auto value = boost::json::parse(text, error, {}, options);
  if (error) throw BadScenario("is not JSON: " + error.message());
  return value;
}

// Whether the client does what the file says.
bool run_file(const char* path) {
  std::string name = std::filesystem::path(path).stem().string();
  std::optional<std::string> difference;
  try {
    const auto file = parse_file(path);
    name = usher::scenarios::scenario_name(file).value_or(name);
    difference = usher::scenarios::play(usher::scenarios::read_scenario(file));
  } catch (const BadScenario& bad) {
    difference = bad.what();
  }
  if (!difference) {
    std::cout << "ok " << name << "\n";
    return true;
  }
  std::cout << "not ok " << name << "\n    " << path << ": " << *difference << "\n";
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: scenario_runner FILE...\n";
    return 2;
  }
  bool all = true;
  for (int i = 1; i < argc; ++i) all = run_file(argv[i]) && all;
  return all ? 0 : 1;
}
