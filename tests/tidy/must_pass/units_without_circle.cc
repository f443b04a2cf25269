// path: src/hub/hub.h
#include "hub/outbox.h"
// path: src/hub/hub.cc
#include "hub/hub.h"
// path: src/hub/outbox.h
// path: src/hub/outbox.cc
#include "hub/outbox.h"
// path: src/hub/outbox_test.cc
#include "hub/hub.h"
#include "hub/outbox.h"
