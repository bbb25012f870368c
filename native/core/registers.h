// The card's registers: doorbells, the shell's state, soft registers. Uncached memory, so always one whole access each.
#pragma once

#include <cstdint>
#include <string>

#include "device-node.h"

namespace catapult {

class Registers {
 public:
  /// Maps BAR0 and finds out how doorbells are rung. Throws DeviceError: lost when everything reads as ones.
  explicit Registers(const DeviceNode& node);

  std::uint32_t shell(std::uint32_t number) const;
  void write_shell(std::uint32_t number, std::uint32_t value);

  /// Tells the card that `bytes` (a multiple of 16) lie in the slot; an interrupt is wanted on completion.
  void ring(std::uint32_t slot, std::uint32_t bytes);

  /// Tells the card that the host has taken the slot's output.
  void clear_done(std::uint32_t slot);

  /// Whether the function is the role, by its type in the device feature header.
  bool is_role() const;

  /// Whether doorbells go through the soft register.
  bool soft_doorbells() const { return soft_doorbells_; }

  /// Throws DeviceError (lost) when the registers read all ones, as those of a card that left the bus do.
  void expect_present() const;

 private:
  std::uint32_t read32(std::uint32_t offset) const;
  std::uint64_t read64(std::uint32_t offset) const;
  void ring_register(std::uint32_t offset, std::uint32_t value);

  std::string path_;
  Mapping window_;
  bool soft_doorbells_ = false;
};

}  // namespace catapult
