// The shell's registers, and what the identity files tell of them.
#pragma once

#include <cstdint>
#include <vector>

#include "card-memory.h"
#include "edgeslot_role.h"
#include "identity.h"

namespace card {

class Shell {
 public:
  /// Both functions of a card tell the same temperature. @param functions whose identity is written, the role's first
  Shell(const CardMemory& memory, std::vector<Identity> functions);

  /// Warns from 95 °C, shuts down at 100 °C, the limits of an Arria 10's junction.
  void set_temperature(std::int32_t celsius);
  void set_ecc_errors(std::uint32_t errors);
  /// A card that has vanished from the bus reads all ones, and hears nothing.
  void set_gone(bool gone);
  std::int32_t temperature() const { return celsius_; }
  bool gone() const { return gone_; }
  bool shut_down() const;
  /// The host asks for it by bit 31 of register 0.
  bool reset_asked() const;
  es_role_health health() const;

 private:
  void write_registers() const;
  void write_identity() const;

  const CardMemory& memory_;
  std::vector<Identity> functions_;
  std::int32_t celsius_ = 52;
  std::int32_t highest_ = 52;
  std::uint32_t ecc_errors_ = 0;
  bool gone_ = false;
};

}  // namespace card
