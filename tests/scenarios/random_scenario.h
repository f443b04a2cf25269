// A scenario of random inputs, with what the C++ client did as its expectation: for the other
// language to agree with.
//
// Inputs are weighted towards those that lead somewhere, so that connections, retries, late
// wake-ups and subscriptions all occur in most files. Timers are taken when due, or late, as the
// format demands.
#pragma once

#include <cstdint>

#include <boost/json/value.hpp>

namespace usher::scenarios {

boost::json::value record_random_scenario(std::uint32_t seed, int steps);

}  // namespace usher::scenarios
