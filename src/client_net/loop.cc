#include "client_net/loop.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

namespace usher::client_net {

namespace asio = boost::asio;

struct Loop::Strand {
  explicit Strand(const asio::any_io_executor& executor)
      : strand(asio::make_strand(executor)), erased(strand) {}

  asio::strand<asio::any_io_executor> strand;
  asio::any_io_executor erased;
};

Loop::Loop(const asio::any_io_executor& executor) : strand_(std::make_unique<Strand>(executor)) {}

Loop::~Loop() = default;

const asio::any_io_executor& Loop::executor() const { return strand_->erased; }

void Loop::post(std::function<void()> work) { asio::post(strand_->strand, std::move(work)); }

bool Loop::is_current() const { return strand_->strand.running_in_this_thread(); }

}  // namespace usher::client_net
