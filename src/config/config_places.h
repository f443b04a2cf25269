// Where each part of a configuration was said: `usher.toml:12:3`, a variable's name, or `--set
// key`. So that a sentence about something that only shows when the whole is looked at can still
// point to its place.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::config {

class ConfigPlaces {
 public:
  // `file_name`: the place of keys that are not set; "": none.
  explicit ConfigPlaces(std::string file_name = {}) : file_name_(std::move(file_name)) {}

  // The last one counts, as with values. `items`: of a list's entries, where they have places.
  void set(const std::string& key, std::string where, std::vector<std::string> items = {});

  // A [[channel.namespaces]] section; its keys are set as "channel.namespaces[0].history_size".
  static std::string namespace_key(std::size_t index, std::string_view member = {});

  // The place of a list's entry, of its key, or the file. "" where nothing is known.
  std::string of(std::string_view key, std::optional<std::size_t> item = {}) const;

  // The key that `sentence` begins with: "tls.key_file" of "tls.key_file 'x' can't be read".
  static std::string_view key_of(std::string_view sentence);

 private:
  struct Place {
    std::string where;
    std::vector<std::string> items;
  };

  std::string file_name_;
  std::map<std::string, Place, std::less<>> places_;
};

// Returns scheme and host of a URL; the rest may hold secrets.
std::string shown_url(std::string_view url);

}  // namespace usher::config
