// path: apps/serve.cc
// breach: apps/serve.cc:3: main has 8 lines (at most 7)
int main() {
  int a = 0;
  ++a;
  ++a;
  ++a;
  ++a;
  return a;
}
