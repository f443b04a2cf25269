// Functions that extract offsets and texts from publications and their frames, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/publication.h"
#include "wire/ws_message.h"

namespace usher::test {

// Returns the text in an unmasked frame.
inline std::string payload_of(const wire::SharedFrame& frame) {
  const auto length = static_cast<unsigned char>((*frame)[1]);
  return frame->substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

inline std::vector<std::uint64_t> offsets_of(const hub::Publications& publications) {
  std::vector<std::uint64_t> found;
  for (const auto& publication : publications) found.push_back(publication->offset);
  return found;
}

}  // namespace usher::test
