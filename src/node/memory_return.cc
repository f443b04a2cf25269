#include "node/memory_return.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace usher::node {
namespace {

Duration to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

constexpr std::uint64_t kMiB = 1 << 20;

}  // namespace

bool ReturnPolicy::is_quiet(const MemorySample& sample, TimePoint now) {
  const std::optional<MemorySample> before = std::exchange(last_, sample);
  const Duration passed = now - std::exchange(last_at_, now);
  if (!before || passed <= Duration::zero()) return false;
  const auto used = static_cast<double>((sample.cpu_time - before->cpu_time).count());
  const auto could = static_cast<double>(passed.count()) * static_cast<double>(shards_);
  return used < could * options_.quiet_load;
}

bool ReturnPolicy::wants(const MemorySample& sample, TimePoint now) {
  quiet_ = is_quiet(sample, now) ? quiet_ + 1 : 0;
  const std::uint64_t resident = sample.resident_bytes;
  least_bytes_ = std::min(least_bytes_, resident);
  const std::uint64_t surplus = std::max(options_.surplus_bytes, least_bytes_ / 4);
  if (resident < least_bytes_ + surplus) return false;
  // Memory has grown since the last try, so a new try may free some even if the last one did not.
  if (resident > tried_bytes_ + surplus) wait_ = options_.first_wait;
  if (quiet_ < options_.quiet_samples) return false;
  return !tried_at_ || now - *tried_at_ >= wait_;
}

void ReturnPolicy::tried(std::uint64_t before, std::uint64_t after, TimePoint now) {
  tried_at_ = now;
  tried_bytes_ = after;
  const bool was_worth_it = after < before - before / 10;
  wait_ = was_worth_it ? options_.first_wait : std::min(wait_ * 2, options_.last_wait);
}

MemoryReturn::MemoryReturn(std::size_t shards, const Clock& clock, Log& log)
    : clock_(clock),
      log_(log),
      statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      policy_({}, shards) {
  // What it is like before the first client: a storm may be there before the first second is over.
  if (const auto sample = measure()) policy_.wants(*sample, clock_.now());
}

std::optional<MemorySample> MemoryReturn::measure() const {
  std::array<char, 128> buffer;
  const ssize_t size = pread(statm_.get(), buffer.data(), buffer.size(), 0);
  if (size <= 0) return std::nullopt;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t second = std::min(text.find(' '), text.size() - 1) + 1;
  std::uint64_t pages = 0;
  std::from_chars(text.data() + second, text.data() + text.size(), pages);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return MemorySample{pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
                      to_duration(usage.ru_utime) + to_duration(usage.ru_stime)};
}

void MemoryReturn::tick() {
  const auto before = measure();
  if (!before || !policy_.wants(*before, clock_.now())) return;
  malloc_trim(0);
  const auto after = measure();
  if (!after) return;
  policy_.tried(before->resident_bytes, after->resident_bytes, clock_.now());
  const std::uint64_t from = before->resident_bytes / kMiB, to = after->resident_bytes / kMiB;
  if (to < from) log_.debug("memory returned", {{"fromMiB", from}, {"toMiB", to}});
}

}  // namespace usher::node
