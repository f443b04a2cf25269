#include "config/config_docs.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "config/config_load.h"
#include "config/config_sources.h"
#include "config/config_table.h"

namespace usher::config {
namespace {

// USHER_WRITE_DOCS=1 config_test --gtest_filter='ConfigDocs*' brings the page up to date.
TEST(ConfigDocsTest, ThePageInTheRepositoryIsTheOneMadeFromTheTable) {
  const char* const root = std::getenv("USHER_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "USHER_SOURCE_DIR is not set";
  const std::string path = std::string(root) + "/docs/configuration.md";
  if (std::getenv("USHER_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << render_configuration_page();
  }
  const auto page = read_file(path);
  ASSERT_TRUE(page) << path;
  EXPECT_EQ(*page, render_configuration_page());
}

TEST(ConfigDocsTest, ThePagesExampleCanBeLoaded) {
  const std::string page = render_configuration_page();
  constexpr std::string_view kFence = "```toml\n";
  const std::size_t start = page.find(kFence) + kFence.size();
  ConfigSources sources;
  sources.file_text = page.substr(start, page.find("```", start) - start);
  EXPECT_EQ(load_config(sources).errors, std::vector<std::string>());
  EXPECT_EQ(load_config(sources).config.channel.namespaces.size(), 1u);
}

TEST(ConfigDocsTest, EveryKeyCanBeSetToItsDefaultAsThePageShowsIt) {
  std::string file;
  Config defaults;
  for (const auto& key : config_keys()) {
    const std::string value = key.get(defaults);
    if (value == "unset") continue;
    file.append(key.name).append(" = ").append(value).append("\n");
  }
  ConfigSources sources;
  sources.file_text = file;
  const LoadedConfig loaded = load_config(sources);
  EXPECT_EQ(loaded.errors, std::vector<std::string>());
  for (const auto& key : config_keys()) {
    EXPECT_EQ(key.get(loaded.config), key.get(defaults)) << key.name;
  }
}

}  // namespace
}  // namespace usher::config
