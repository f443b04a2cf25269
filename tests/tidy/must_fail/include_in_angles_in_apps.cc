// path: apps/serve.cc
// breach: apps/serve.cc:3: <gateway/router.h>: our headers stand in quotes
#include <gateway/router.h>
