#include "api/revoker.h"

#include "wire/close_code.h"

namespace usher::api {

hub::DisconnectOrder disconnect_revoked(auth::RevokedBy by, std::string_view name,
                                        std::int64_t issued_until) {
  hub::DisconnectOrder order{.target = {},
                             .code = static_cast<std::uint16_t>(wire::CloseCode::session_revoked),
                             .reason = "SESSION_REVOKED"};
  switch (by) {
    case auth::RevokedBy::session:
      order.target.session = name;
      break;
    case auth::RevokedBy::user:
      order.target.user = name;
      order.target.issued_until = issued_until;
      break;
    case auth::RevokedBy::jti:
      order.target.jti = name;
      break;
    case auth::RevokedBy::sid:
      order.target.sid = name;
      break;
  }
  return order;
}

}  // namespace usher::api
