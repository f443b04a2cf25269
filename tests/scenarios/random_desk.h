// A scenario of random inputs to a TicketDesk, as record_random_scenario() makes them for sessions.
#pragma once

#include <cstdint>

#include <boost/json/value.hpp>

namespace usher::scenarios {

// Without its name.
boost::json::value record_random_desk(std::uint32_t seed, int steps);

}  // namespace usher::scenarios
