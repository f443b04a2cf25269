// path: src/hub/hub.cc
Hub::Hub(int first)
    : first_(first),
      second_{first, first},
      third_([] { return 1; }) {
  ++first_;
  ++first_;
}
int next() { return 1; }
const std::function<void(int)> on_end{};
