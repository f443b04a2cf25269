// path: src/net/shard.cc
// breach: src/net/shard.cc:3: net/ must not include gateway/
#include "gateway/router.h"
