// docs/dev/limits.md against the table of keys and the sources.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/config_sources.h"
#include "config/config_table.h"

namespace usher::config {
namespace {

using Cells = std::vector<std::string>;

// The names in backquotes in a text.
Cells names_in(std::string_view text) {
  Cells found;
  for (std::size_t at = text.find('`'); at != std::string_view::npos;) {
    const std::size_t end = text.find('`', at + 1);
    if (end == std::string_view::npos) break;
    found.emplace_back(text.substr(at + 1, end - at - 1));
    at = text.find('`', end + 1);
  }
  return found;
}

// The rows of a page's tables that begin with a name in backquotes.
std::vector<Cells> rows(const std::string& page) {
  std::vector<Cells> found;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size());
    const std::string line = page.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("| `")) continue;
    Cells cells;
    for (std::size_t from = 2; from < line.size();) {
      const std::size_t bar = line.find(" |", from);
      if (bar == std::string::npos) break;
      cells.push_back(line.substr(from, bar - from));
      from = bar + 3;
    }
    found.push_back(std::move(cells));
  }
  return found;
}

bool is_in_name(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_in_name(text[at - 1])) && (end == text.size() || !is_in_name(text[end]))) {
      return true;
    }
  }
  return false;
}

bool is_limit(std::string_view key) {
  return key.starts_with("limits.") || key.ends_with("_max") || key.ends_with("_bytes");
}

class LimitsDocsTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const source_dir = std::getenv("USHER_SOURCE_DIR");
    if (source_dir == nullptr) GTEST_SKIP() << "USHER_SOURCE_DIR is not set";
    root = source_dir;
    const auto page = read_file(root + "/docs/dev/limits.md");
    ASSERT_TRUE(page);
    table = rows(*page);
    ASSERT_GT(table.size(), 50u);
  }

  // The default of the key, as the page has it; "" where the page has no such key.
  std::string default_of(std::string_view key) const {
    for (const Cells& row : table) {
      if (row.size() == 5 && names_in(row[0]).at(0) == key) return names_in(row[1]).at(0);
    }
    return {};
  }

  std::string root;
  std::vector<Cells> table;
};

TEST_F(LimitsDocsTest, EveryLimitWithAKeyIsThereWithItsDefault) {
  const Config defaults;
  for (const auto& key : config_keys()) {
    if (!is_limit(key.name) || key.name == "guest.session_max") continue;  // a time, not a table
    EXPECT_EQ(default_of(key.name), key.get(defaults)) << key.name;
  }
  const hub::NamespaceOptions space;
  for (const auto& key : namespace_keys()) {
    if (!is_limit(key.name)) continue;
    EXPECT_EQ(default_of("channel.namespaces[]." + std::string(key.name)), key.get(space));
  }
  const UpstreamConfig upstream;
  for (const auto& key : upstream_keys()) {
    if (!is_limit(key.name)) continue;
    EXPECT_EQ(default_of("upstreams[]." + std::string(key.name)), key.get(upstream));
  }
}

TEST_F(LimitsDocsTest, EveryRowsKeyIsOneOfTheConfiguration) {
  for (const Cells& row : table) {
    if (row.size() != 5) continue;
    const std::string key = names_in(row[0]).at(0);
    const auto is_it = [&key](const auto& known) {
      return key == known.name || key == "channel.namespaces[]." + std::string(known.name) ||
             key == "upstreams[]." + std::string(known.name);
    };
    EXPECT_TRUE(std::ranges::any_of(config_keys(), is_it) ||
                std::ranges::any_of(namespace_keys(), is_it) ||
                std::ranges::any_of(upstream_keys(), is_it))
        << key;
  }
}

TEST_F(LimitsDocsTest, EveryFileExistsAndContainsTheName) {
  for (const Cells& row : table) {
    ASSERT_TRUE(row.size() == 5 || row.size() == 3) << row[0];
    const std::string name = names_in(row[row.size() == 5 ? 2 : 0]).at(0);
    const Cells files = names_in(row[row.size() == 5 ? 3 : 1]);
    EXPECT_FALSE(files.empty()) << name;
    for (const std::string& file : files) {
      const auto source = read_file(root + "/src/" + file);
      ASSERT_TRUE(source) << name << " is said to be in " << file;
      EXPECT_TRUE(has_word(*source, name)) << name << " is not in " << file;
    }
  }
}

}  // namespace
}  // namespace usher::config
