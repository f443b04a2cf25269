// Holds docs/protocol.md to the code: every example line is what the reader takes, or JSON of a
// shape that is written.
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "wire/protocol_command.h"

namespace usher::wire {
namespace {

std::vector<std::string> example_lines(std::string_view prefix) {
  const char* const root = std::getenv("USHER_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/docs/protocol.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(prefix)) lines.push_back(line.substr(prefix.size()));
  }
  return lines;
}

TEST(ProtocolDocsTest, EveryCommandOfTheDocumentIsOne) {
  JsonReader json;
  CommandReader reader(json);
  const auto lines = example_lines("C {");
  EXPECT_GT(lines.size(), 12u);
  for (const std::string& line : lines) {
    const std::string text = "{" + line;
    reader.start(text);
    const auto command = reader.next();
    ASSERT_TRUE(command) << text;
    EXPECT_FALSE(std::holds_alternative<CommandError>(command->request)) << text;
  }
}

TEST(ProtocolDocsTest, EveryMessageOfTheServerIsOneJsonObject) {
  JsonReader json;
  const auto lines = example_lines("S {");
  EXPECT_GT(lines.size(), 20u);
  for (const std::string& line : lines) {
    const auto root = json.parse("{" + line, {.open_levels = kJsonDepthMax});
    ASSERT_TRUE(root.has_value()) << line;
    const std::string_view first =
        root->size() == 0 ? std::string_view("push") : (*root->begin()).name();
    EXPECT_TRUE(first == "id" || first == "push") << line;
  }
}

}  // namespace
}  // namespace usher::wire
