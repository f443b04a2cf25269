// Wall clock time as text.
#pragma once

#include <string>

#include "base/wall_clock.h"

namespace usher {

// RFC 3339, in UTC, with milliseconds: "2026-11-23T08:45:55.123Z".
std::string to_rfc3339(WallTime time);
void append_rfc3339(std::string& out, WallTime time);

}  // namespace usher
