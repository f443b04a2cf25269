#include "http_client/kept_connections.h"

#include "http_client/kept_streams.h"

namespace usher::http_client {

KeptConnections::KeptConnections(const boost::asio::any_io_executor& executor,
                                 std::size_t connections_max)
    : streams_(std::make_unique<KeptStreams>(executor, connections_max)) {}

KeptConnections::~KeptConnections() = default;

}  // namespace usher::http_client
