// path: src/hub/hub.h
// breach: src/hub/hub.h:6: operator() has 8 lines (at most 7)
class Hub final : public Base<decltype(make())> {
  enum class State : int { open, closed };
 public:
  void operator()(int a) override {
    ++a;
    ++a;
    ++a;
    ++a;
    ++a;
    ++a;
  }
};
