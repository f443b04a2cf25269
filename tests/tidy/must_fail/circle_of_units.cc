// breach: src/hub/hub: these units include each other in a circle: src/hub/hub, src/hub/outbox
// path: src/hub/hub.h
// path: src/hub/hub.cc
#include "hub/hub.h"
#include "hub/outbox.h"
// path: src/hub/outbox.h
#include "hub/hub.h"
// path: src/hub/outbox.cc
#include "hub/outbox.h"
