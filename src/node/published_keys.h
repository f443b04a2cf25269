// Fetches the issuer's key set and waits for it: for `usher checktoken`, which has no loop.
#pragma once

#include "node/keys.h"

namespace usher::node {

// Returns no keys without a jwt.jwks_url. Throws KeyFileError if no key set can be obtained.
auth::KeySet fetch_published_keys(const config::Config& config, const issuer::VerifierParts& parts);

}  // namespace usher::node
