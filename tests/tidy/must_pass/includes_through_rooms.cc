// path: src/gateway/router.cc
#include "base/clock.h"
#include "gateway/router.h"
#include "hub/hub.h"
#include "net/shard.h"
#include <hubble/telescope.h>
#include <openssl/ssl.h>
// path: src/redis/broker/orders.cc
#include "hub/hub.h"
#include "redis/link/dialer.h"
// path: src/client_net/client.cc
#include "usher/client.h"
// path: bench/load/loop.cc
#include "bench/load/loop.h"
#include "wire/json.h"
// path: apps/serve.cc
#include "apps/command_line.h"
#include "gateway/router.h"
