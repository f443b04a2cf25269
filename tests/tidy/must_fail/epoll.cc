// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: epoll_wait(fd, events, 1, -1);: sockets live in few places
epoll_wait(fd, events, 1, -1);
