// path: src/base/string_utils.cc
// breach: src/base/string_utils.cc: 'string_utils.cc' says nothing; name what it holds
