// The issuer's key set, fetched here and now: for `usher checktoken`, which has no loop of its own.
#pragma once

#include "node/keys.h"

namespace usher::node {

// Returns no keys without a jwt.jwks_url. Throws KeyFileError where there is no key set to be had.
auth::KeySet fetch_published_keys(const config::Config& config, const issuer::VerifierParts& parts);

}  // namespace usher::node
