// From a token's claims to what a ticket grants, and from a grant to what revocations ask for.
//
// The only place that copies one into the other: a claim that a connection needs is added here.
//
// Threads: none. Plain functions.
#pragma once

#include "auth/claims.h"
#include "auth/revocations.h"
#include "ticket/ticket.h"

namespace usher::ticket {

// Returns the grant of a good token. Wishes, Origin and payer are the caller's to add.
Grant grant_for(auth::Claims claims);

// Returns views into `grant`, which must outlive them.
auth::Bearer bearer_of(const Grant& grant);

}  // namespace usher::ticket
