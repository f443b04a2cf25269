// The answers of the server API: results as JSON objects in Centrifugo's shapes, and errors.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/api_request.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "hub/broker.h"
#include "metrics/counts.h"

namespace usher::api {

std::string to_json(const hub::Position& position);  // `{"offset":7,"epoch":"qFhv"}`, or `{}`
std::string to_json(const hub::HistoryPage& page);
std::string to_json(const std::vector<hub::ClientInfo>& clients);  // presence
std::string to_json(const hub::PresenceStats& stats);

// `client`: the id that the bearer's connection is given. `claims`: names of those that are told.
std::string to_json(const ticket::Grant& grant, std::string_view client,
                    std::span<const std::string> claims);

// The channels whose name matches `pattern`, if there is one; written in slices, as matching takes
// time by the product of both lengths.
class ChannelsResult {
 public:
  static constexpr std::size_t kSliceStepsMax = 1 << 19;  // of patterns on characters

  ChannelsResult(hub::OrderAnswer answer, std::optional<ChannelPattern> pattern);

  // Writes some; returns whether these were the last.
  bool write_some();

  // Requires that all have been written.
  std::string take();

 private:
  std::map<std::string, std::uint64_t> channels_;
  std::map<std::string, std::uint64_t>::const_iterator next_ = channels_.begin();
  bool truncated_;
  std::optional<ChannelPattern> pattern_;
  std::string out_ = "{\"channels\":{";
};

struct NodeDescription {
  std::string uid;
  std::string version;
};
// `unreachable` is left out where it is empty.
std::string info_to_json(const std::vector<hub::NodeReport>& nodes,
                         const std::vector<std::string>& unreachable = {});

// `{"code":107,"message":"bad request","detail":"…"}`; `reason` where the error has one.
std::string to_json(const ApiError& error);

// The result's JSON, or why there is none.
using ApiOutcome = Result<std::string, ApiError>;
using ApiDone = UniqueFunction<void(ApiOutcome)>;

inline constexpr const char* kEmptyResult = "{}";

template <class T>
ApiOutcome to_outcome(const Result<T, hub::Error>& result) {
  if (!result) return ApiError{result.error()};
  if constexpr (std::is_void_v<T>) {
    return kEmptyResult;
  } else {
    return to_json(*result);
  }
}

// The outcome of one publication.
ApiOutcome outcome_of_publication(const Result<hub::Position, hub::Error>& position);

// `{"NAME":RESULT}`, or `{"error":{…}}`.
std::string to_reply(const ApiOutcome& outcome, std::string_view name = "result");

// `{"NAME":[REPLY,…]}`
std::string join(std::string_view name, const std::vector<std::string>& replies);

// One a line, without a line end after the last: some clients would read it as one more reply.
std::string join_lines(const std::vector<std::string>& replies);

// With `X-Centrifugo-Error-Mode: transport`.
metrics::CountedStatus transport_status(wire::ProtocolError error);

}  // namespace usher::api
