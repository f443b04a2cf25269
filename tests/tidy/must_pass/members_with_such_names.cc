// path: src/hub/hub.cc
void Hub::bind(int a) { connection_.send(a); }
void Hub::connect() { link->connect(1), std::bind(a, b), broker().bind(1, 2), usher::connect(1); }
tcp::socket& Hub::socket() { return stream_.socket(); }
bool poll(int a);
int listen(int role), select(int one);
