// path: apps/publish.cc
// breach: apps/publish.cc:3: return ::send(fd, text, 3, 0);: sockets live in few places
return ::send(fd, text, 3, 0);
