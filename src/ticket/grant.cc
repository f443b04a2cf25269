#include "ticket/grant.h"

#include <utility>

namespace usher::ticket {

Grant grant_for(auth::Claims claims) {
  Grant grant;
  grant.session = std::move(claims.session);
  grant.user = std::move(claims.user);
  grant.jti = std::move(claims.jti);
  grant.iat = claims.iat;
  grant.token_exp = claims.exp;
  grant.channels = std::move(claims.channels);
  grant.info = std::move(claims.info);
  grant.sid = std::move(claims.sid);
  grant.claims = std::move(claims.claims);
  return grant;
}

auth::Bearer bearer_of(const Grant& grant) {
  return {grant.session, grant.user, grant.jti, grant.iat, grant.sid};
}

}  // namespace usher::ticket
