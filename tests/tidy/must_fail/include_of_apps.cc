// path: src/gateway/router.cc
// breach: src/gateway/router.cc:3: gateway/ must not include apps/
#include "apps/command_line.h"
