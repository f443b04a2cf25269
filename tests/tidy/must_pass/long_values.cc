// path: src/hub/hub.cc
constexpr Row kRows[] = {
    {1, f(2)},
    {2, f(3)},
    {3, f(4)},
    {4, f(5)},
    {5, f(6)},
    {6, f(7)},
    {7, f(8)},
};
enum class State : std::uint8_t {
  one,
  two,
  three,
  four,
  five,
  six,
  seven,
};
