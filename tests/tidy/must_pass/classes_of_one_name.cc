// path: src/hub/hub.h
class Connection {
  int a;
  int b;
  int c;
  Connection();
  void join();
};
// path: src/hub/hub.cc
Connection::Connection() {
  ++a;
}
namespace {
struct Connection {
  int a;
  int b;
  int c;
};
}  // namespace
// path: src/net/connection.cc
Connection::Connection() {
  ++a;
}
void Connection::join() {
  ++a;
}
