// path: src/wire/json.cc
// breach: src/wire/json.cc:3: wire/ must not include usher/
#include "usher/client.h"
