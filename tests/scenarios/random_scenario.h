// A scenario of random inputs, to a session, a raw session or a desk. Its expectations are what the
// C++ client did, and the other language must agree.
//
// Inputs that bring the client forward are more frequent, so that connections, retries, late
// wake-ups and subscriptions all occur in most files. Timers are taken when due, or late, as the
// format demands.
#pragma once

#include <cstdint>

#include <boost/json/value.hpp>

namespace usher::scenarios {

boost::json::value record_random_scenario(std::uint32_t seed, int steps);

}  // namespace usher::scenarios
