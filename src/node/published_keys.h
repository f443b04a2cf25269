// Fetches an issuer's key set and waits for it: for `usher checktoken`, which has no loop.
#pragma once

#include "node/keys.h"

namespace usher::node {

// Returns the keys of the issuer that `token` names, or of the only one; none if it publishes none.
// Throws KeyFileError if no key set can be obtained.
issuer::PublishedKeys fetch_published_keys(const config::Config& config,
                                           const issuer::VerifierParts& parts,
                                           std::string_view token);

}  // namespace usher::node
