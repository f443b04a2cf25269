#include "wire/http_chunks.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using State = ChunkReader::State;

constexpr std::size_t kBodyMax = 100;

// The state at the end of `bytes`, which come in pieces of `step`.
State read(ChunkReader& reader, std::string_view bytes, std::size_t step) {
  State state = State::need_more;
  for (std::size_t come = 0; state == State::need_more && come < bytes.size();) {
    come = std::min(bytes.size(), come + step);
    state = reader.read(bytes.substr(0, come));
  }
  return state;
}

// The same whatever the pieces.
State state_of(std::string_view bytes, std::size_t body_max = kBodyMax) {
  ChunkReader whole(body_max);
  ChunkReader pieces(body_max);
  const State state = read(whole, bytes, bytes.size());
  EXPECT_EQ(read(pieces, bytes, 1), state) << bytes;
  return state;
}

TEST(ChunkReaderTest, ChunksArePutTogetherWhateverPiecesTheyComeIn) {
  const std::string_view bytes =
      "3\r\nhel\r\n00A;name=\"v;\xFF\";x\r\nlo, world!\r\n00\r\n\r\nGET /next";
  for (const std::size_t step : {1, 2, 3, 5, 1000}) {
    ChunkReader reader(kBodyMax);
    ASSERT_EQ(read(reader, bytes, step), State::complete);
    EXPECT_EQ(reader.body(), "hello, world!");
    EXPECT_EQ(bytes.substr(reader.consumed()), "GET /next");
  }
}

TEST(ChunkReaderTest, EmptyBodyIsTheLastChunkAlone) {
  EXPECT_EQ(state_of("0\r\n\r\n"), State::complete);
}

TEST(ChunkReaderTest, WhatIsNoChunkIsRefused) {
  for (const char* bytes :
       {"x\r\n", "-1\r\n", "+1\r\n", "\r\n", " 1\r\n", "1 \r\n", "1 ;a\r\n", "0x1\r\na\r\n",
        "1 2\r\n", ";a\r\n", "1;a\x01\r\n", "1;a\nb\r\n", "1\rx", "1\r\r\n", "1\r\nab",
        "1\r\na0\r\n\r\n", "1\r\na\n0", "g\r\n"}) {
    EXPECT_EQ(state_of(bytes), State::malformed) << bytes;
  }
}

TEST(ChunkReaderTest, TrailersArePassedOver) {
  const std::string_view bytes = "1\r\na\r\n0;x\r\nX-Sum: 1\r\nExpires:\r\n\r\nGET /next";
  for (const std::size_t step : {1, 2, 3, 1000}) {
    ChunkReader reader(kBodyMax);
    ASSERT_EQ(read(reader, bytes, step), State::complete);
    EXPECT_EQ(reader.body(), "a");
    EXPECT_EQ(bytes.substr(reader.consumed()), "GET /next");
  }
}

TEST(ChunkReaderTest, WhatIsNoTrailerIsRefused) {
  for (const char* trailer :
       {"x", "x : y", " x: y", "Content-Length: 1", "transfer-encoding: chunked", "Host: a",
        "x: \x01", "x: y\rz", "x: y\nz"}) {
    EXPECT_EQ(state_of("0\r\n" + std::string(trailer) + "\r\n\r\n"), State::malformed) << trailer;
  }
}

TEST(ChunkReaderTest, TrailerAtItsLimitPassesAndOneByteMoreDoesNot) {
  const std::string longest = "x:" + std::string(kTrailerLineBytesMax - 3, 'y');
  EXPECT_EQ(state_of("0\r\n" + longest + "\r\n\r\n"), State::complete);
  EXPECT_EQ(state_of("0\r\n" + longest + "y\r\n\r\n"), State::malformed);
  std::string many = "0\r\n";
  while (many.size() + 4 <= kChunkOverheadBytesMax) many += "x:\r\n";
  EXPECT_EQ(state_of(many), State::need_more);
  EXPECT_EQ(state_of(many + "x:\r\n"), State::malformed);
}

TEST(ChunkReaderTest, UnfinishedBodyNeedsMore) {
  for (const char* bytes : {"1", "1;a", "1\r", "1\r\n", "1\r\na", "1\r\na\r", "1\r\na\r\n",
                            "1\r\na\r\n0\r\n", "0\r\n\r"}) {
    EXPECT_EQ(state_of(bytes), State::need_more) << bytes;
  }
}

TEST(ChunkReaderTest, BodyAtTheLimitPassesAndOneByteMoreIsRefusedBeforeItComes) {
  EXPECT_EQ(state_of("64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n"), State::complete);
  EXPECT_EQ(state_of("65\r\n"), State::too_large);
  EXPECT_EQ(state_of("63\r\n" + std::string(99, 'x') + "\r\n2\r\n"), State::too_large);
  EXPECT_EQ(state_of("FFFFFFFFFFFFFFFF\r\n"), State::too_large);
  EXPECT_EQ(state_of("10000000000000000\r\n"), State::too_large);
  EXPECT_EQ(state_of("0\r\n\r\n", 0), State::complete);
}

TEST(ChunkReaderTest, SizeLineAtTheLimitPassesAndOneByteMoreDoesNot) {
  const std::string longest = "0;" + std::string(kChunkLineBytesMax - 3, 'e');
  EXPECT_EQ(state_of(longest + "\r\n\r\n"), State::complete);
  EXPECT_EQ(state_of(longest + "e\r\n\r\n"), State::malformed);
}

TEST(ChunkReaderTest, WhatIsNotBodyIsBoundedInAll) {
  // Each chunk of one byte brings five that are no body; the last one brings five more.
  const auto one_byte_chunks = [](std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += "1\r\nx\r\n";
    return bytes + "0\r\n\r\n";
  };
  const std::size_t most = kChunkOverheadBytesMax / 5 - 1;
  EXPECT_EQ(state_of(one_byte_chunks(most), 1 << 20), State::complete);
  EXPECT_EQ(state_of(one_byte_chunks(most + 1), 1 << 20), State::malformed);
}

}  // namespace
}  // namespace usher::wire
