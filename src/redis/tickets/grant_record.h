// Encodes a grant for a store outside of this process, and decodes it.
//
//     version, then each field as its length, ':' and its bytes
//
// Version 2 is version 1 with two more fields, `info` and `sid`. A grant that has neither is written
// as version 1, which gateways of earlier versions read. Those refuse version 2, as they must: they
// could not close the connection when the provider ends its session.
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
