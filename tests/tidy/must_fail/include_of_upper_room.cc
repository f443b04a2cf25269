// path: src/base/clock.cc
// breach: src/base/clock.cc:4: base/ must not include hub/
#include "base/clock.h"
#include "hub/hub.h"
