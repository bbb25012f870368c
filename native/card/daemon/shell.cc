#include "shell.h"

#include <algorithm>
#include <cstdio>

namespace card {
namespace {

constexpr std::int32_t kWarnCelsius = 95;
constexpr std::int32_t kShutdownCelsius = 100;
constexpr std::int32_t kLowestCelsius = 31;
constexpr std::uint32_t kRegisters = 105;
constexpr std::uint32_t kRole = 0xE51;  // no Microsoft role; nobody takes it for one
constexpr std::uint32_t kAllWell = 0x3;  // both clocks locked, both memory channels ready

}  // namespace

Shell::Shell(const CardMemory& memory, std::vector<Identity> functions)
    : memory_(memory), functions_(std::move(functions)) {
  memory_.write_register(catapult::kShellControl, catapult::kShell, catapult::kControlDmaEnable);
  write_registers();
  write_identity();
}

void Shell::set_temperature(std::int32_t celsius) {
  celsius_ = celsius;
  highest_ = std::max(highest_, celsius);
  write_registers();
  write_identity();
}

void Shell::set_ecc_errors(std::uint32_t errors) {
  ecc_errors_ = errors;
  write_registers();
}

void Shell::set_gone(bool gone) {
  if (gone_ && !gone)
    memory_.write_register(catapult::kShellControl, catapult::kShell, catapult::kControlDmaEnable);
  gone_ = gone;
  write_registers();
}

bool Shell::shut_down() const { return celsius_ >= kShutdownCelsius; }

bool Shell::reset_asked() const {
  if (gone_) return false;
  return (memory_.read_register(catapult::kShellControl, catapult::kShell) & catapult::kControlRoleReset) != 0;
}

es_role_health Shell::health() const {
  es_role_health health{};
  health.temperature_millicelsius = celsius_ * 1000;
  health.ecc_errors = ecc_errors_;
  const char* text = "ok";
  if (shut_down()) {
    health.severity = 3;
    text = "too hot: the role is shut down";
  } else if (ecc_errors_ > 0) {
    health.severity = 2;
    text = "memory errors were corrected";
  } else if (celsius_ >= kWarnCelsius) {
    health.severity = 1;
    text = "hot";
  }
  (void)std::snprintf(health.text, sizeof health.text, "virtual-card: %s", text);
  return health;
}

void Shell::write_registers() const {
  const auto write = [&](std::uint32_t number, std::uint32_t value) {
    memory_.write_register(number, catapult::kShell, value);
  };
  if (gone_) {
    for (std::uint32_t number = 0; number < kRegisters; ++number) write(number, catapult::kGone);
    return;
  }
  for (std::uint32_t number = 1; number < kRegisters; ++number) write(number, 0);
  write(catapult::kShellStatus, kAllWell);
  const std::uint32_t alarms = (celsius_ >= kWarnCelsius ? 1u : 0u) | (shut_down() ? 2u : 0u);
  const auto degrees = [](std::int32_t celsius) { return static_cast<std::uint32_t>(std::clamp(celsius, 0, 255)); };
  write(catapult::kShellTemperature,
        alarms | degrees(celsius_) << 8 | degrees(kLowestCelsius) << 16 | degrees(highest_) << 24);
  write(catapult::kShellDramCalibration, kAllWell);
  write(catapult::kShellDramEcc, ecc_errors_);
  write(catapult::kShellRoleId, kRole);
}

void Shell::write_identity() const {
  for (const Identity& one : functions_) card::write_identity(one, celsius_);
}

}  // namespace card
