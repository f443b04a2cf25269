// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: Hub::Hub has 9 lines (at most 7)
Hub::Hub(int first)
    : first_(first),
      second_{first, first},
      third_([] { return 1; }),
      fourth_{std::vector<int>{1, 2}} {
  ++first_;
  ++first_;
  ++first_;
}
