// path: src/redis/link/dialer.cc
// breach: src/redis/link/dialer.cc:3: redis/link/ must not include redis/broker/
#include "redis/broker/orders.h"
