// Faults that were asked for, each for the next so many occasions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace card {

enum class Fault : std::uint8_t {
  kTimeout,    // a request is taken and never answered
  kException,  // the processor stops in a run
  kLate,       // an answer comes some milliseconds later, even when its owner is gone
  kStale,      // an answer with the request id of another epoch comes first
  kNoSlot,     // ENOSPC on taking a slot
  kBusy,       // EBUSY on taking a range
  kAccess,     // EACCES on taking either
  kSignal,     // EINTR on waiting
  kCount,
};

class Faults {
 public:
  /// The fault of that name: timeout, exception, late, stale, enospc, ebusy, eacces, eintr. kCount when there is none.
  static Fault named(std::string_view name);

  void arm(Fault fault, std::uint32_t times) { left_[index(fault)] = times; }
  /// True when the fault is due, which uses one of its times up.
  bool take(Fault fault);
  void set_delay(std::uint32_t milliseconds) { delay_ms_ = milliseconds; }
  std::uint32_t delay_ms() const { return delay_ms_; }
  void clear() { left_.fill(0); }
  /// `timeout:2,late:1`; `none`.
  std::string text() const;

 private:
  static std::size_t index(Fault fault) { return static_cast<std::size_t>(fault); }
  std::array<std::uint32_t, static_cast<std::size_t>(Fault::kCount)> left_{};
  std::uint32_t delay_ms_ = 0;
};

}  // namespace card
