// path: src/hub/hub_test.cc
// breach: src/hub/hub_test.cc:3: hub/ must not include apps/
#include "apps/command_line.h"
