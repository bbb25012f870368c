#include "shell-health.h"

#include <algorithm>

#include "device-error.h"

namespace catapult {
namespace {

constexpr std::uint32_t kTemperatureWarning = 1u << 0;
constexpr std::uint32_t kTemperatureShutdown = 1u << 1;

int degrees(std::uint32_t word, unsigned shift) { return static_cast<std::int8_t>(word >> shift & 0xFF); }

void note(ShellHealth& health, Severity severity, const std::string& text) {
  health.severity = std::max(health.severity, severity);
  health.text += (health.text.empty() ? "" : "; ") + text;
}

void judge_temperature(ShellHealth& health, std::uint32_t word) {
  health.temperature = degrees(word, 8);
  health.temperature_minimum = degrees(word, 16);
  health.temperature_maximum = degrees(word, 24);
  const std::string now = std::to_string(*health.temperature) + " degrees Celsius";
  if (word & kTemperatureShutdown) {
    note(health, Severity::transient, "too hot, the card has shut the role down: " + now);
  } else if (word & kTemperatureWarning) {
    note(health, Severity::warning, "temperature warning: " + now);
  }
}

void judge_configuration(ShellHealth& health) {
  if (health.configuration_errors == kReturnBoard) {
    note(health, Severity::return_board, "the configuration memory is worn out: return the board");
  } else if (health.configuration_errors != 0) {
    note(health, Severity::warning,
         "configuration memory: " + std::to_string(health.configuration_errors) + " CRC errors");
  }
}

}  // namespace

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::ok: return "ok";
    case Severity::warning: return "warning";
    case Severity::transient: return "transient";
    case Severity::unknown: return "unknown";
    case Severity::return_board: return "return-board";
  }
  return "unknown";
}

ShellHealth read_health(const Registers& registers) {
  ShellHealth health;
  try {
    registers.expect_present();
  } catch (const DeviceError& error) {
    note(health, Severity::unknown, error.what());
    return health;
  }
  health.memory_errors = registers.shell(kShellDramEcc);
  health.configuration_errors = registers.shell(kShellConfigurationErrors);
  health.role_id = registers.shell(kShellRoleId);
  judge_temperature(health, registers.shell(kShellTemperature));
  if (health.memory_errors != 0) {
    note(health, Severity::warning, "card memory: ECC status " + std::to_string(health.memory_errors));
  }
  judge_configuration(health);
  if (health.role_id == kGoldenRole) {
    note(health, Severity::warning, "the golden image is loaded, which runs no models");
  }
  if (health.text.empty()) health.text = "ok";
  return health;
}

}  // namespace catapult
