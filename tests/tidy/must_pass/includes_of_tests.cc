// path: src/net/shard_test.cc
#include "gateway/router.h"
#include "support/manual_clock.h"
// path: tests/redis/link_test.cc
#include "link_fixture.h"
#include "redis/broker/orders.h"
