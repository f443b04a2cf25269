#include "net/outbox.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
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

// The places of the frames that another may replace.
struct Outbox::Latest {
  struct Place {
    std::uint32_t number;
    wire::SharedFrame* frame;
  };

  Place* find(std::uint32_t number) {
    const auto found = std::ranges::find(places, number, &Place::number);
    return found == places.end() ? nullptr : &*found;
  }
  void forget(const wire::SharedFrame& frame) {
    std::erase_if(places, [&](const Place& place) { return place.frame == &frame; });
  }
  // The frames of a chunk have moved to another.
  void move(std::span<wire::SharedFrame> from, wire::SharedFrame* to) {
    for (Place& place : places) {
      const std::ptrdiff_t index = place.frame - from.data();
      const bool has_moved = std::greater_equal<>()(place.frame, from.data()) &&
                             std::less<>()(place.frame, from.data() + from.size());
      if (has_moved) place.frame = to + index;
    }
  }

  std::vector<Place> places;
};

struct Outbox::Queue {
  static void* operator new(std::size_t) { return BlockCache<Queue>::of_this_thread().take(); }
  static void operator delete(void* block) { BlockCache<Queue>::of_this_thread().give_back(block); }

  std::size_t bytes = 0;           // not yet consumed
  std::size_t frames = 0;          // likewise, the first perhaps in part
  std::size_t sent = 0;            // of the first frame
  std::unique_ptr<Latest> latest;  // null while no frame may be replaced
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

bool Outbox::push_latest(wire::SharedFrame frame, std::uint32_t number, std::size_t bytes_max,
                         std::size_t begun_bytes) {
  if (frame == nullptr || frame->empty()) return true;
  Latest::Place* waiting = nullptr;
  if (queue_ != nullptr && queue_->latest != nullptr) waiting = queue_->latest->find(number);
  if (waiting != nullptr && !has_begun(*waiting->frame, begun_bytes)) {
    const std::size_t others = queue_->bytes - (*waiting->frame)->size();
    const bool fits =
        queue_->frames == 1 || others + frame->size() + queue_->frames * kFrameCost <= bytes_max;
    if (!fits) return false;
    queue_->bytes = others + frame->size();
    *waiting->frame = std::move(frame);
    return true;
  }
  if (!push(std::move(frame), bytes_max)) return false;
  wire::SharedFrame* const place = &queue_->last->frames[queue_->last->end - 1];
  if (waiting != nullptr) {
    waiting->frame = place;
    return true;
  }
  if (queue_->latest == nullptr) queue_->latest = std::make_unique<Latest>();
  auto& places = queue_->latest->places;
  if (places.size() >= kPlacesMax) places.erase(places.begin());
  places.push_back({number, place});
  return true;
}

bool Outbox::has_begun(const wire::SharedFrame& place, std::size_t begun_bytes) const {
  const std::size_t begun = std::max<std::size_t>(begun_bytes, queue_->sent > 0 ? 1 : 0);
  std::size_t covered = 0;
  std::size_t sent = queue_->sent;
  for (const Chunk* chunk = &queue_->first; chunk != nullptr; chunk = chunk->next.get()) {
    for (std::size_t i = chunk->begin; i < chunk->end; ++i) {
      if (covered >= begun) return false;
      if (&chunk->frames[i] == &place) return true;
      covered += chunk->frames[i]->size() - std::exchange(sent, 0);
    }
  }
  return false;
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
  if (queue_->latest != nullptr) queue_->latest->forget(first.frames[first.begin]);
  first.frames[first.begin++].reset();
  --queue_->frames;
  if (first.begin < first.end) return;
  if (first.next == nullptr) {
    queue_.reset();
    return;
  }
  const std::unique_ptr<Chunk> next = std::move(first.next);
  if (queue_->last == next.get()) queue_->last = &first;
  if (queue_->latest != nullptr) queue_->latest->move(next->frames, first.frames.data());
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
