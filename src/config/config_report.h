// Collects what is wrong with a configuration, in sentences for the operator, and checks the files
// that it names.
//
// Each sentence begins with its key. The place where that key was set stands before the sentence.
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
  std::string_view obstacle;           // why it is not; follows the file's name in a message
  std::size_t bytes = 0;               // of its content
  std::size_t secret_bytes = 0;        // of its content as auth::secret_of_file() sees it
  std::size_t shortest_key_bytes = 0;  // of its lines as api::ApiKeys sees them; 0: none
  bool world_readable = false;
  bool world_writable = false;
};

using FileFacts = std::map<std::string, FileFact>;  // by the path as configured

struct ConfigFindings {
  std::vector<std::string> errors;  // each says what to do; if not empty, usher must not start
  std::vector<std::string> warnings;
};

// How strictly a file's permissions are checked.
enum class FileUse : std::uint8_t {
  secret,     // the whole file is one secret
  secrets,    // the file holds several; their sizes are checked elsewhere
  published,  // everyone may read it
};

// Returns "place: sentence", or `sentence` alone if `place` is empty.
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
  void warn_at(const std::string& key, const std::string& sentence);

  // Report errors and warnings about one file, or about each of several.
  void file(std::string_view key, const std::string& path, FileUse use, Item item = {});
  void files(std::string_view key, const std::vector<std::string>& paths, FileUse use);

  // Returns null if nothing is known of the file.
  const FileFact* fact_of(const std::string& path) const;

  ConfigFindings take() && { return std::move(findings_); }

 private:
  std::string at_its_place(const std::string& sentence, Item item) const;

  const ConfigPlaces& places_;
  const FileFacts& facts_;
  ConfigFindings findings_;
};

}  // namespace usher::config
