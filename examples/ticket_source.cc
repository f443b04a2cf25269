// A WebSocket library of your own, here Boost.Beast, let in by usher's tickets: prints what the
// application behind the gateway sends, comes back after every loss, and ends when that cannot
// help.
//
//   ticket_source http://127.0.0.1:8080 /board [TOKEN]
#include <usher/ticket_source.h>

#include <future>
#include <iostream>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

// Waits for the ticket. After a soft failure the source itself waits, so this needs no delay.
usher::TicketResult next_ticket(usher::TicketSource& tickets, const std::string& path) {
  std::promise<usher::TicketResult> promise;
  tickets.request(path, [&](usher::TicketResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

// One socket, from its opening to its end. Each way out reports how it ended.
void read_all(const usher::Ticket& ticket) {
  const std::string url = ticket.url().substr(std::string("ws://").size());  // no TLS here
  const std::string authority = url.substr(0, url.find_first_of("/?"));
  const std::string host = authority.substr(0, authority.rfind(':'));
  const std::string port = host == authority ? "80" : authority.substr(host.size() + 1);
  const std::string target = url.substr(authority.size());

  asio::io_context io;
  websocket::stream<tcp::socket> socket(io);
  error_code error;
  asio::connect(socket.next_layer(), tcp::resolver(io).resolve(host, port, error), error);
  socket.set_option(websocket::stream_base::decorator([](websocket::request_type& upgrade) {
    upgrade.set(beast::http::field::sec_websocket_protocol, "usher.accepted, usher.refused");
  }));
  websocket::response_type answer;
  if (!error)
    socket.handshake(answer, authority, target.front() == '?' ? "/" + target : target, error);
  if (error) return ticket.ended(1006);
  ticket.opened(std::string(answer[beast::http::field::sec_websocket_protocol]));

  for (beast::flat_buffer message; !error; message.clear()) {
    socket.read(message, error);
    if (!error) std::cout << beast::make_printable(message.data()) << std::endl;
  }
  if (error != websocket::error::closed) return ticket.ended(1006);
  const websocket::close_reason& reason = socket.reason();
  const bool has_code = reason.code != websocket::close_code::none;
  ticket.ended(has_code ? reason.code : 1005, std::string(reason.reason.c_str()));
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  usher::TicketSourceOptions options{.url = argv[1]};
  if (argc > 3) options.token_source = usher::TokenSource::fixed(argv[3]);
  usher::TicketSource tickets(options);
  for (;;) {
    const usher::TicketResult result = next_ticket(tickets, argv[2]);
    if (result.ticket) {
      read_all(*result.ticket);
    } else if (result.failure.hard) {
      std::cerr << "log in again: " << result.failure.why.reason << "\n";
      return 3;
    }
  }
}
