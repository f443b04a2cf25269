// path: bench/load/loop.cc
// breach: bench/load/loop.cc:3: bench/load/ must not include hub/
#include "hub/hub.h"
