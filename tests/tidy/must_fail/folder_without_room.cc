// path: src/attic/box.cc
// breach: src/attic/box.cc: the folder 'src/attic' is no room: it has no usher_layer(…) in src/CMakeLists.txt
