// Percent-encoding (RFC 3986 section 2.1), as far as the doors read it.
#pragma once

#include <string>
#include <string_view>

namespace usher::doors {

// Returns `text` with each %XX as the byte that it stands for. A '%' without two digits behind it
// stays.
std::string percent_decoded(std::string_view text);

}  // namespace usher::doors
