// From the application's TokenSource to a TokenProvider.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client_net/credentials.h"
#include "client_net/token_provider.h"
#include "usher/client.h"

namespace usher {

class TokenSourceReader {
 public:
  // Runs the work later on the client's strand, if the client still lives then.
  using Post = std::function<void(std::function<void()> work)>;
  // Reports an exception of the application's function.
  using Fault = std::function<void(const std::string&)>;

  // Returns nullptr if tokens are those of the gateway's guests.
  static std::unique_ptr<client_net::TokenProvider> provider(const TokenSource& source, Post post,
                                                             Fault fault);

  // Returns the application's credentials, whose exceptions are reported; empty: there are none.
  static client_net::Credentials credentials(const CredentialsFunction& ask, Fault fault);

  // Returns whether tokens are to be fetched. Beside credentials there are no guests.
  static bool has_token(const TokenSource& source, const CredentialsFunction& credentials);

  // Returns the file of the guest's token; empty: none.
  static std::string guest_file(const TokenSource& source);
};

}  // namespace usher
