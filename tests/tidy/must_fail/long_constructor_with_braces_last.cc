// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: Hub::Hub has 8 lines (at most 7)
Hub::Hub(int first) : Base<int>{first}, first_{first} {
  ++first_;
  ++first_;
  ++first_;
  ++first_;
  ++first_;
  ++first_;
}
