// A window of a node in this process' memory, unmapped at scope end.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "driver-calls.h"

namespace catapult {

class Mapping {
 public:
  Mapping(DriverCalls& calls, void* address, std::size_t bytes) : calls_(&calls), address_(address), bytes_(bytes) {}
  Mapping(Mapping&& other) noexcept
      : calls_(other.calls_), address_(std::exchange(other.address_, nullptr)), bytes_(other.bytes_) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (address_ != nullptr) calls_->unmap(address_, bytes_);
  }

  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(address_), bytes_}; }

  /// The window as an array of lines of one type.
  template <typename Line>
  Line* lines() const {
    return static_cast<Line*>(address_);
  }

 private:
  DriverCalls* calls_;
  void* address_;
  std::size_t bytes_;
};

}  // namespace catapult
