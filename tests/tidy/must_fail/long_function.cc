// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: join has 8 lines (at most 7)
int join() {
  int a = 0;
  ++a;
  ++a;
  ++a;
  ++a;
  return a;
}
