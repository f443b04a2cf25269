// breach: src/base/a: these units include each other in a circle: src/base/a, src/base/b, src/base/c
// path: src/base/a.h
#include "base/b.h"
// path: src/base/b.h
// path: src/base/b.cc
#include "base/c.h"
// path: src/base/c.h
// path: src/base/c.cc
#include "base/a.h"
// path: src/base/d.cc
#include "base/a.h"
