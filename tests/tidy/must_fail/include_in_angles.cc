// path: src/hub/hub.cc
// breach: src/hub/hub.cc:4: <wire/json.h>: our headers stand in quotes
#include <vector>
#include <wire/json.h>
