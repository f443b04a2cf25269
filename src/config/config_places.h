// The place where each key of a configuration was set: `usher.toml:12:3`, a variable's name, or
// `--set key`. With it, a fault that only the whole configuration shows can still name its place.
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

  // Sets the place of `key`; the last call counts, as with values. `items`: the places of a list's
  // entries, if they have places.
  void set(const std::string& key, std::string where, std::vector<std::string> items = {});

  // Returns the key of a section that can be there several times, or of a key in it:
  // "channel.namespaces[0].history_size".
  static std::string entry_key(std::string_view section, std::size_t index,
                               std::string_view member = {});

  // Returns the place of a list's entry, else of its key, else the file; "" if none is known.
  std::string of(std::string_view key, std::optional<std::size_t> item = {}) const;

  // Returns the key that `sentence` begins with: "tls.key_file" for
  // "tls.key_file 'x' can't be read".
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
