// path: src/hub/hub.cc
// std::thread, ::socket(AF_UNIX, 0, 0), std::time(nullptr), std::rand(), sleep(1), asio::post, steady_clock::now()
/* #include "gateway/router.h"
#include "gateway/router.h"
   std::random_device device; { { { */
const char* const kText = "std::thread { ::send(1) \" std::time(nullptr) // { ";
const char* const kRaw = R"x(
#include "gateway/router.h"
std::async( { " )" std::rand() {
)x";
const char kBrace = '{', kQuote = '"', kTick = '\'';
const int kMany = 1'000'000, kHex = 0xab'cd;  // std::thread
#define OPEN_BRACE \
  {
