#include "net/outbox.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"

namespace usher::net {

namespace {

// Memory of a T that is made and freed with each delivery. It is kept for the next one, a bounded
// number for each thread; but not under AddressSanitizer, which would not see a use after free.
template <class T>
class BlockCache {
 public:
  ~BlockCache() {
    for (void* const block : blocks_) ::operator delete(block);
  }
  void* take() {
    if (blocks_.empty()) return ::operator new(sizeof(T));
    void* const block = blocks_.back();
    blocks_.pop_back();
    return block;
  }
  void give_back(void* block) {
    if (blocks_.size() >= kBlocksMax) return ::operator delete(block);
    blocks_.push_back(block);
  }
  static BlockCache& of_this_thread() {
    thread_local BlockCache cache;
    return cache;
  }

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kBlocksMax = 0;
#else
  static constexpr std::size_t kBlocksMax = 1024;
#endif

  std::vector<void*> blocks_;
};

}  // namespace

// So small that a queue of a few frames is one allocation, and so large that a long queue is not a
// list of single frames.
struct Outbox::Chunk {
  static constexpr std::uint8_t kFrames = 6;

  static void* operator new(std::size_t) { return BlockCache<Chunk>::of_this_thread().take(); }
  static void operator delete(void* block) { BlockCache<Chunk>::of_this_thread().give_back(block); }

  std::array<wire::SharedFrame, kFrames> frames;
  std::uint8_t begin = 0;
  std::uint8_t end = 0;
  std::unique_ptr<Chunk> next;
};

struct Outbox::Queue {
  static void* operator new(std::size_t) { return BlockCache<Queue>::of_this_thread().take(); }
  static void operator delete(void* block) { BlockCache<Queue>::of_this_thread().give_back(block); }

  std::size_t bytes = 0;   // not yet consumed
  std::size_t frames = 0;  // likewise, the first perhaps in part
  std::size_t sent = 0;    // of the first frame
  Chunk* last = &first;
  Chunk first;
};

Outbox::Outbox() = default;
Outbox::Outbox(Outbox&& other) noexcept = default;

Outbox& Outbox::operator=(Outbox&& other) noexcept {
  if (this != &other) {
    clear();
    queue_ = std::move(other.queue_);
  }
  return *this;
}

Outbox::~Outbox() { clear(); }

bool Outbox::push(wire::SharedFrame frame, std::size_t bytes_max) {
  if (frame == nullptr || frame->empty()) return true;
  if (queue_ == nullptr) {
    queue_ = std::make_unique<Queue>();
  } else if (cost() + frame->size() + kFrameCost > bytes_max) {
    return false;
  }
  Chunk* last = queue_->last;
  if (last->end == Chunk::kFrames) {
    last->next = std::make_unique<Chunk>();
    queue_->last = last = last->next.get();
  }
  queue_->bytes += frame->size();
  ++queue_->frames;
  last->frames[last->end++] = std::move(frame);
  return true;
}

bool Outbox::push(std::string bytes, std::size_t bytes_max) {
  return push(std::make_shared<const std::string>(std::move(bytes)), bytes_max);
}

std::size_t Outbox::gather(std::span<iovec> out) const {
  std::size_t count = 0;
  if (queue_ == nullptr) return count;
  std::size_t skip = queue_->sent;
  for (const Chunk* chunk = &queue_->first; chunk != nullptr; chunk = chunk->next.get()) {
    for (std::size_t i = chunk->begin; i < chunk->end; ++i) {
      if (count == out.size()) return count;
      const std::string& bytes = *chunk->frames[i];
      // iovec serves reading, too, so its pointer is not const. No code writes through it.
      out[count++] = {const_cast<char*>(bytes.data()) + skip, bytes.size() - skip};
      skip = 0;
    }
  }
  return count;
}

void Outbox::consume(std::size_t bytes) {
  USHER_INVARIANT(bytes <= this->bytes());
  while (bytes > 0) {
    Chunk& first = queue_->first;
    const std::size_t rest = first.frames[first.begin]->size() - queue_->sent;
    if (bytes < rest) {
      queue_->sent += bytes;
      queue_->bytes -= bytes;
      return;
    }
    bytes -= rest;
    queue_->bytes -= rest;
    queue_->sent = 0;
    drop_first();
  }
}

void Outbox::drop_first() {
  Chunk& first = queue_->first;
  first.frames[first.begin++].reset();
  --queue_->frames;
  if (first.begin < first.end) return;
  if (first.next == nullptr) {
    queue_.reset();
    return;
  }
  const std::unique_ptr<Chunk> next = std::move(first.next);
  if (queue_->last == next.get()) queue_->last = &first;
  first = std::move(*next);
}

void Outbox::drop_behind(std::size_t bytes) {
  if (queue_ == nullptr) return;
  const std::size_t sent = queue_->sent;
  if (sent > 0) bytes = std::max<std::size_t>(bytes, 1);
  std::vector<wire::SharedFrame> kept;
  std::size_t covered = 0;
  for (Chunk* chunk = &queue_->first; chunk != nullptr && covered < bytes;
       chunk = chunk->next.get()) {
    for (std::size_t i = chunk->begin; i < chunk->end && covered < bytes; ++i) {
      kept.push_back(chunk->frames[i]);
      covered += kept.back()->size() - (kept.size() == 1 ? sent : 0);
    }
  }
  clear();
  for (wire::SharedFrame& frame : kept) {
    USHER_INVARIANT(push(std::move(frame), std::numeric_limits<std::size_t>::max()));
  }
  if (queue_ == nullptr) return;
  queue_->sent = sent;
  queue_->bytes = covered;
}

void Outbox::clear() {
  if (queue_ == nullptr) return;
  // One at a time: a long chain must not be destroyed by recursion.
  std::unique_ptr<Chunk> next = std::move(queue_->first.next);
  while (next != nullptr) next = std::move(next->next);
  queue_.reset();
}

std::size_t Outbox::bytes() const { return queue_ == nullptr ? 0 : queue_->bytes; }

std::size_t Outbox::cost() const {
  return queue_ == nullptr ? 0 : queue_->bytes + queue_->frames * kFrameCost;
}

}  // namespace usher::net
