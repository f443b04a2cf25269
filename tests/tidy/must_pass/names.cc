// path: src/base/utility_rate.cc
// path: src/base/simple.cc
// path: src/base/implicit.cc
// path: src/base/uncommon.cc
