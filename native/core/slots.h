// All slots of a card, held by this process: fill the input, send, wait for the output, give the slot back to the card.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "registers.h"

namespace catapult {

/// A wait is cut into slices, so that a lost wake-up, a stop or a vanished card is noticed within one.
inline constexpr std::chrono::milliseconds kWaitSlice{250};

/// Used by one thread, except `wake`.
class Slots {
 public:
  /// Takes the card's whole range, so that no other process can take a slot meanwhile, and maps the first `used` slots.
  /// Throws DeviceError: busy while anyone else has a slot.
  Slots(const DeviceNode& node, Registers& registers, std::uint32_t used);
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  ~Slots();

  std::uint32_t count() const { return node_.slots().slots; }
  std::uint32_t used() const { return static_cast<std::uint32_t>(inputs_.size()); }
  std::uint32_t bytes_per_slot() const { return node_.slots().bytes_per_slot; }

  std::span<std::byte> input(std::uint32_t slot) const { return inputs_[slot].bytes(); }
  std::span<std::byte> output(std::uint32_t slot) const { return outputs_[slot].bytes(); }

  /// Hands `bytes` of the input to the card. Throws DeviceError (invalid) unless they are a multiple of 16, 32 or more
  /// and fit; busy while the card has not taken the slot's last input.
  void send(std::uint32_t slot, std::uint32_t bytes);

  /// Waits for the output and gives it. Throws DeviceError: timeout at the deadline, cancelled once `stop` is set, lost,
  /// fault for a result that is larger than the slot. The slot stays the card's after a timeout: settle the card.
  std::span<const std::byte> wait(std::uint32_t slot, DriverCalls::Clock::time_point deadline,
                                  const std::atomic<bool>& stop);

  /// The host has read the output.
  void discard(std::uint32_t slot);

  /// Makes a wait for the slot look around; from any thread.
  void wake(std::uint32_t slot) const;

  /// Forgets events of an earlier owner, for every slot of the card.
  void reset_events() const;

  /// Clears full and done of every slot of the card.
  void clear_flags();

  /// Full and done of every slot, to see whether anything moves.
  std::vector<std::uint32_t> flags() const;

  /// Wake-ups with nothing done: left by an earlier owner, or made by another process.
  std::uint64_t spurious_events() const { return spurious_events_; }

 private:
  std::span<const std::byte> finished(std::uint32_t slot) const;
  void sleep_in_driver(std::uint32_t slot, std::chrono::nanoseconds left);

  const DeviceNode& node_;
  Registers& registers_;
  Mapping control_;
  Mapping results_;
  std::vector<Mapping> inputs_;
  std::vector<Mapping> outputs_;
  std::atomic<std::uint64_t> spurious_events_{0};
};

}  // namespace catapult
