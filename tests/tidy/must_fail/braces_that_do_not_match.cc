// path: src/hub/hub.cc
// breach: src/hub/hub.cc: its braces do not match, as far as this test can read them
namespace usher {
int join() { return 1;
