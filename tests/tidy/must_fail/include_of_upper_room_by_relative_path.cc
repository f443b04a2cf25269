// path: src/base/clock.cc
// breach: src/base/clock.cc:3: base/ must not include hub/
#include "../hub/hub.h"
