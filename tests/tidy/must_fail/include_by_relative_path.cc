// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: ../wire/json.h: our headers are named from their root, as "wire/json.h"
#include "../wire/json.h"
