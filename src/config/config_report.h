// Collects what is wrong with a configuration, in sentences for the operator, and checks the files
// that it names.
//
// A sentence begins with the key that it is about; the place where that key was set stands before
// it.
//
// Threads: none of its own. Borrows: the places and the facts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_places.h"

namespace usher::config {

struct FileFact {
  bool readable = false;
  std::string_view obstacle;           // why it is not, to stand behind its name
  std::size_t bytes = 0;               // of its content
  std::size_t secret_bytes = 0;        // of its content as auth::secret_of_file() sees it
  std::size_t shortest_key_bytes = 0;  // of its lines as api::ApiKeys sees them; 0: none
  bool world_readable = false;
  bool world_writable = false;
};

using FileFacts = std::map<std::string, FileFact>;  // by the path as configured

struct ConfigFindings {
  std::vector<std::string> errors;  // sentences that say what to do; not empty: don't start
  std::vector<std::string> warnings;
};

// How strictly a file's permissions are checked.
enum class FileUse : std::uint8_t {
  secret,     // the whole file is one
  secrets,    // it holds some, whose sizes are checked elsewhere
  published,  // everyone may read it
};

// `sentence`, behind its place where that is known.
std::string behind_place(const std::string& place, const std::string& sentence);

class ConfigReport {
 public:
  using Item = std::optional<std::size_t>;  // which entry of a list

  ConfigReport(const ConfigPlaces& places, const FileFacts& facts)
      : places_(places), facts_(facts) {}

  void error(const std::string& sentence, Item item = {});
  void warn(const std::string& sentence, Item item = {});
  // For a sentence that does not begin with its key.
  void error_at(const std::string& key, const std::string& sentence);

  // Errors and warnings about one file, or each of several.
  void file(std::string_view key, const std::string& path, FileUse use, Item item = {});
  void files(std::string_view key, const std::vector<std::string>& paths, FileUse use);

  // Null: nothing is known of it.
  const FileFact* fact_of(const std::string& path) const;

  ConfigFindings take() && { return std::move(findings_); }

 private:
  std::string at_its_place(const std::string& sentence, Item item) const;

  const ConfigPlaces& places_;
  const FileFacts& facts_;
  ConfigFindings findings_;
};

}  // namespace usher::config
