// What the shell's registers tell of the card's state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "registers.h"

namespace catapult {

/// Rising: the worst property decides.
enum class Severity : std::uint32_t { ok = 0, warning = 1, transient = 2, unknown = 3, return_board = 4 };

/// As JavaScript knows it (`CardHealth.severity`): `ok`, `warning`, ...
const char* severity_name(Severity severity);

struct ShellHealth {
  Severity severity = Severity::ok;
  std::optional<int> temperature;  // degrees Celsius, of the FPGA
  std::optional<int> temperature_minimum;
  std::optional<int> temperature_maximum;
  std::uint32_t memory_errors = 0;         // DRAM, the ECC register as it reads; 0 is clean
  std::uint32_t configuration_errors = 0;  // CRC errors in the FPGA's configuration
  std::uint32_t role_id = 0;
  std::string text;  // every property that is not well, or "ok"
};

/// Reads and judges; a card that is gone is a health too (severity unknown), not an exception.
ShellHealth read_health(const Registers& registers);

}  // namespace catapult
