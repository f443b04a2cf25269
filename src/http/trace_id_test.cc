#include "http/trace_id.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::http {
namespace {

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string id_with(std::vector<wire::HttpField> fields) {
  test::SeededEntropy entropy;
  wire::HttpRequest request;
  request.method = "GET";
  request.target = "/";
  request.fields = std::move(fields);
  return trace_id_of(request, entropy);
}

std::string random_id() {
  test::SeededEntropy entropy;
  return random_trace_id(entropy);
}

TEST(TraceIdTest, ComesFromAValidTraceparent) {
  EXPECT_EQ(id_with({{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}),
            kTrace);
  EXPECT_EQ(
      id_with({{"Traceparent", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"}}),
      kTrace);
}

TEST(TraceIdTest, TraceparentWinsOverRequestId) {
  EXPECT_EQ(id_with({{"X-Request-ID", "mine"},
                     {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}),
            kTrace);
}

TEST(TraceIdTest, MalformedTraceparentIsIgnored) {
  for (const char* bad : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
       }) {
    EXPECT_EQ(id_with({{"traceparent", bad}}), random_id()) << bad;
  }
}

TEST(TraceIdTest, RequestIdIsTakenUpToItsBoundAndOnlyWithSafeCharacters) {
  EXPECT_EQ(id_with({{"x-request-id", "Job_7.retry-2"}}), "Job_7.retry-2");
  EXPECT_EQ(id_with({{"x-request-id", std::string(kTraceIdBytesMax, 'a')}}), std::string(64, 'a'));
  const std::string too_long(kTraceIdBytesMax + 1, 'a');
  for (const std::string& bad : {too_long, std::string(), std::string("a b"), std::string("a\"b"),
                                 std::string("<script>"), std::string("a\\n")}) {
    EXPECT_EQ(id_with({{"x-request-id", bad}}), random_id()) << bad;
  }
}

std::string traceparent_with(std::vector<wire::HttpField> fields, std::uint64_t seed = 1) {
  test::SeededEntropy entropy(seed);
  wire::HttpRequest request;
  request.method = "GET";
  request.target = "/";
  request.fields = std::move(fields);
  return traceparent_of(request, entropy);
}

TEST(TraceIdTest, AValidTraceparentIsPassedOnAsItIs) {
  for (const char* good : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"}) {
    EXPECT_EQ(traceparent_with({{"X-Request-ID", "mine"}, {"Traceparent", good}}), good);
  }
}

TEST(TraceIdTest, AnyOtherTraceparentIsReplacedByAValidNewOne) {
  for (const char* bad : {"", "mine", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
    const std::string made = traceparent_with({{"traceparent", bad}});
    EXPECT_NE(made, bad);
    EXPECT_EQ(made.size(), 55u) << made;
    EXPECT_TRUE(made.starts_with("00-") && made.ends_with("-00")) << made;
    EXPECT_EQ(id_with({{"traceparent", made}}), made.substr(3, 32)) << "it is valid";
  }
  EXPECT_EQ(traceparent_with({}).size(), 55u);
  EXPECT_NE(traceparent_with({}, 1), traceparent_with({}, 2));
}

TEST(TraceIdTest, IsRandomOtherwise) {
  test::SeededEntropy entropy;
  const wire::HttpRequest request;
  const auto first = trace_id_of(request, entropy);
  EXPECT_EQ(first.size(), 32u);
  EXPECT_NE(first, trace_id_of(request, entropy));
}

}  // namespace
}  // namespace usher::http
