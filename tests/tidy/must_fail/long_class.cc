// path: src/hub/hub.h
// breach: src/hub/hub.h: Hub has 13 lines in 3 files (at most 12): a part of it is a class of its own
class Hub {
 public:
  Hub();
  ~Hub();
  bool operator==(const Hub& other) const;
};
// path: src/hub/hub.cc
Hub::Hub() : a_{1} {
  ++a_;
}
Hub::~Hub() {}
// path: src/hub/hub_compare.cc
bool Hub::operator==(const Hub& other) const {
  return true;
}
