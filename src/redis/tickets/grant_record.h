// Encodes a grant for a store outside of this process, and decodes it.
//
//     version, then each field as its length, ':' and its bytes
//
// The grant's claims are not in the record: they have a key of their own (ticket_scripts.h), so that
// gateways of versions that know no claims read these records, too.
//
// One encoder, one decoder. The decoder accepts exactly that, because other programs may have
// written to the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ticket/ticket.h"

namespace usher::redis {

std::string encode_grant(const ticket::Grant& grant);
// Returns `nullopt` if the bytes are no grant, or of an unknown version.
std::optional<ticket::Grant> decode_grant(std::string_view bytes);

}  // namespace usher::redis
