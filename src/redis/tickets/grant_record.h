// A grant as bytes, for a store outside of this process; and back.
//
//     version, then each field as its length, ':' and its bytes
//
// One encoder, one decoder. What is not exactly that is nothing: a store that other programs write
// to can hold anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ticket/ticket.h"

namespace usher::redis {

std::string encode_grant(const ticket::Grant& grant);
std::optional<ticket::Grant> decode_grant(std::string_view bytes);

}  // namespace usher::redis
