// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: join has 8 lines (at most 7)
template <typename T = std::vector<int>>
auto join(T a) -> std::function<void(int)> {
  ++a;
  ++a;
  ++a;
  ++a;
  return {};
}
