// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: hub/ must not include support/
#include "support/manual_clock.h"
