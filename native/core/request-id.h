// Names of requests that no two owners of a card ever share: the epoch of the lease, then a running number.
#pragma once

#include <cstdint>

namespace catapult {

class RequestIds {
 public:
  explicit RequestIds(std::uint32_t epoch) : epoch_(epoch) {}

  std::uint32_t epoch() const { return epoch_; }

  /// Never 0 in its lower half, so that memory nobody wrote is no answer.
  std::uint64_t next() {
    if (++sequence_ == 0) sequence_ = 1;
    return static_cast<std::uint64_t>(epoch_) << 32 | sequence_;
  }

 private:
  const std::uint32_t epoch_;
  std::uint32_t sequence_ = 0;
};

}  // namespace catapult
