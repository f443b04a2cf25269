#include "redis/link/reply_reader.h"

#include <hiredis/read.h>

#include <new>
#include <utility>

#include "base/check.h"

namespace usher::redis {

// The object functions of hiredis' reader. Objects are Replies, the outermost one on the heap. A
// nested one is the last of its parent's items, which does not move before it is complete.
struct ReplyReader::Building {
  std::size_t values = 0;
  std::size_t values_max = 0;

  // Null ends the parse: hiredis takes it as being out of memory.
  static Reply* place(const redisReadTask* task, Reply&& value) {
    auto& building = *static_cast<Building*>(task->privdata);
    if (++building.values > building.values_max) return nullptr;
    if (task->parent == nullptr) return new Reply(std::move(value));
    auto& items = static_cast<Reply*>(task->parent->obj)->items;
    return &items.emplace_back(std::move(value));
  }

  static void* text(const redisReadTask* task, char* bytes, std::size_t size) {
    const auto kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
    return place(task, Reply{kind, 0, std::string(bytes, size), {}});
  }
  static void* array(const redisReadTask* task, int) {
    return place(task, Reply{Reply::Kind::array, 0, {}, {}});
  }
  static void* integer(const redisReadTask* task, long long value) {
    return place(task, Reply::of(static_cast<std::int64_t>(value)));
  }
  static void* nil(const redisReadTask* task) { return place(task, Reply::nil()); }
  static void release(void* reply) { delete static_cast<Reply*>(reply); }
};

namespace {

redisReader* make_reader(redisReplyObjectFunctions& functions, void* building) {
  redisReader* const reader = redisReaderCreateWithFunctions(&functions);
  if (reader == nullptr) throw std::bad_alloc();
  reader->privdata = building;
  return reader;
}

}  // namespace

ReplyReader::ReplyReader(ReplyLimits limits)
    : limits_(limits), building_(std::make_unique<Building>()), reader_([this] {
        static redisReplyObjectFunctions functions = {&Building::text, &Building::array,
                                                      &Building::integer, &Building::nil,
                                                      &Building::release};
        return make_reader(functions, building_.get());
      }()) {
  building_->values_max = limits.values_max;
}

ReplyReader::~ReplyReader() { redisReaderFree(reader_); }

bool ReplyReader::feed(std::string_view bytes) {
  if (broken_) return false;
  pending_bytes_ += bytes.size();
  if (redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK) broken_ = true;
  return !broken_;
}

std::optional<Reply> ReplyReader::next() {
  if (broken_) return std::nullopt;
  void* reply = nullptr;
  if (redisReaderGetReply(reader_, &reply) != REDIS_OK) {
    broken_ = true;
    return std::nullopt;
  }
  if (reply == nullptr) {
    broken_ = pending_bytes_ > limits_.bytes_max;
    return std::nullopt;
  }
  const std::unique_ptr<Reply> owned(static_cast<Reply*>(reply));
  building_->values = 0;
  pending_bytes_ = reader_->len - reader_->pos;
  return std::move(*owned);
}

}  // namespace usher::redis
