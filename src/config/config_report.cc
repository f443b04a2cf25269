#include "config/config_report.h"

#include "auth/key.h"

namespace usher::config {

std::string behind_place(const std::string& place, const std::string& sentence) {
  return place.empty() ? sentence : place + ": " + sentence;
}

void ConfigReport::error(const std::string& sentence, Item item) {
  findings_.errors.push_back(at_its_place(sentence, item));
}

void ConfigReport::warn(const std::string& sentence, Item item) {
  findings_.warnings.push_back(at_its_place(sentence, item));
}

void ConfigReport::error_at(const std::string& key, const std::string& sentence) {
  findings_.errors.push_back(behind_place(places_.of(key), sentence));
}

void ConfigReport::warn_at(const std::string& key, const std::string& sentence) {
  findings_.warnings.push_back(behind_place(places_.of(key), sentence));
}

std::string ConfigReport::at_its_place(const std::string& sentence, Item item) const {
  return behind_place(places_.of(ConfigPlaces::key_of(sentence), item), sentence);
}

const FileFact* ConfigReport::fact_of(const std::string& path) const {
  const auto known = facts_.find(path);
  return known == facts_.end() ? nullptr : &known->second;
}

void ConfigReport::files(std::string_view key, const std::vector<std::string>& paths, FileUse use) {
  for (std::size_t i = 0; i < paths.size(); ++i) file(key, paths[i], use, i);
}

void ConfigReport::file(std::string_view key, const std::string& path, FileUse use, Item item) {
  const std::string name = std::string(key) + " '" + path + "'";
  const FileFact* const fact = fact_of(path);
  if (fact == nullptr || !fact->readable) {
    const std::string_view why = fact == nullptr ? "" : fact->obstacle;
    return error(
        name + " " +
            std::string(why.empty() ? "can't be read: check that the file is there and that "
                                      "usher's user may read it"
                                    : why),
        item);
  }
  if (use == FileUse::secret && fact->secret_bytes < auth::kSecretBytesMin) {
    error(name + " holds a secret of " + std::to_string(fact->secret_bytes) +
              " bytes, which can be guessed: make one of at least 32 with 'openssl rand -hex 32'",
          item);
  }
  if (fact->world_writable) {
    error(name + " can be changed by every user of this machine: chmod 600 it", item);
  } else if (fact->world_readable && use != FileUse::published) {
    warn(name + " can be read by every user of this machine: chmod 600 it", item);
  }
}

}  // namespace usher::config
