// The open streams that KeptConnections keeps, by their type.
//
// Included only by sources that know streams: it costs them Asio and Beast.
//
// Threads: belongs to its executor. Owns: the streams. Limits: as many as `connections_max`.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "http_client/dial.h"

namespace usher::http_client {

struct KeptStreams {
  KeptStreams(const boost::asio::any_io_executor& executor, std::size_t connections_max)
      : timer(executor), max(connections_max) {}

  template <class Stream>
  struct Kept {
    std::vector<std::unique_ptr<Stream>> fresh;  // since the last tick
    std::vector<std::unique_ptr<Stream>> older;  // closed at the next tick
  };

  // Returns null if there is no stream that can be used.
  template <class Stream>
  std::unique_ptr<Stream> take() {
    for (auto* list : {&kept<Stream>().fresh, &kept<Stream>().older}) {
      while (!list->empty()) {
        auto stream = std::move(list->back());
        list->pop_back();
        if (is_quiet(boost::beast::get_lowest_layer(*stream))) return stream;
      }
    }
    return nullptr;
  }

  template <class Stream>
  void keep(std::unique_ptr<Stream> stream) {
    if (size() >= max) return;
    kept<Stream>().fresh.push_back(std::move(stream));
    arm();
  }

  // Whether the stream is open and has nothing to read: the server has neither closed it nor sent
  // anything unasked.
  static bool is_quiet(PlainStream& stream);

  std::size_t size() const {
    return plain.fresh.size() + plain.older.size() + tls.fresh.size() + tls.older.size();
  }
  void arm();
  void tick();

  template <class Stream>
  Kept<Stream>& kept() {
    if constexpr (std::is_same_v<Stream, PlainStream>) {
      return plain;
    } else {
      return tls;
    }
  }

  Kept<PlainStream> plain;
  Kept<TlsStream> tls;
  boost::asio::steady_timer timer;
  std::size_t max;
  bool armed = false;
};

}  // namespace usher::http_client
