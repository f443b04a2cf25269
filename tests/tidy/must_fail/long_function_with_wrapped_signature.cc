// path: src/hub/hub.cc
// breach: src/hub/hub.cc:4: Hub::join has 8 lines (at most 7)
namespace usher::hub {
std::vector<std::pair<int, int>> Hub::join(int first, std::function<void(int)> second = {},
                                           int third = 3) const noexcept(true)
    requires(sizeof(int) == 4) {
  int a = 0;
  ++a;
  ++a;
  return {};
}
}  // namespace usher::hub
