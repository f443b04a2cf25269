// The checks that several routes share, each a step of the contract's order. Nothing means "go on".
//
// Threads: none of their own.
#pragma once

#include <optional>
#include <string_view>

#include "auth/jwt_error.h"
#include "base/clock.h"
#include "http/answer.h"
#include "issuer/token_check.h"
#include "limits/node_rate.h"
#include "limits/rate_limiter.h"
#include "limits/ticket_queue.h"
#include "metrics/node_state.h"
#include "wire/json.h"

namespace usher::http {

// How soon a client that was turned away for a reason of ours may come back.
inline constexpr std::chrono::milliseconds kRetryDraining{1000};
inline constexpr std::chrono::milliseconds kRetryStoreUnavailable{1000};
inline constexpr std::chrono::milliseconds kRetryBackendUnavailable{1000};
inline constexpr std::chrono::milliseconds kRetryOverloaded{2000};

std::chrono::milliseconds to_retry_after(Duration wait);  // rounded up

// A null limiter refuses nothing.
std::optional<Refusal> check_address(limits::RateLimiter* limiter, std::string_view peer_address,
                                     TimePoint now);
std::optional<Refusal> check_session(limits::RateLimiter* limiter, std::string_view session,
                                     TimePoint now);
std::optional<Refusal> check_draining(const metrics::NodeState& node);
std::optional<Refusal> to_overloaded(const limits::Admission& admission);
// A null queue refuses nothing.
std::optional<Refusal> check_turn(limits::TicketQueue* queue, std::string_view session,
                                  TimePoint now);

// For calls that need nothing of their body: it must be empty, or a JSON object.
std::optional<Refusal> check_unused_body(wire::JsonReader& json, std::string_view body);

Refusal to_refusal(auth::TokenError error);

// Soft where a newer key of its issuer might verify the token, because a 401 would be final.
Refusal to_refusal(const issuer::TokenFault& fault);

}  // namespace usher::http
