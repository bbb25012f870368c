// The Catapult driver's ioctl interface (driver major 5), as facts: numbers, sizes, layouts.
// Public reference: drivers/catapult/catapult-ioctl.c of Ubuntu's linux-azure kernel.
#pragma once

#include <cstddef>
#include <cstdint>

namespace catapult {

inline constexpr std::uint32_t kSupportedMajor = 5;
inline constexpr std::uint32_t kMagic = 0xF0;
inline constexpr std::uint32_t kRead = 2;  // direction bits of an ioctl number, asm-generic layout (x86-64, arm64)

/// Number of an ioctl that carries `size` bytes in direction `direction`.
constexpr std::uint32_t command(std::uint32_t direction, std::uint32_t number, std::size_t size) {
  return direction << 30 | static_cast<std::uint32_t>(size) << 16 | kMagic << 8 | number;
}

struct DriverVersion {
  std::uint16_t product_major;
  std::uint16_t product_minor;
  std::uint16_t build_major;
  std::uint16_t build_minor;
};

struct SlotConfig {
  std::uint32_t bytes_per_slot;
  std::uint32_t slots;
};

static_assert(sizeof(DriverVersion) == 8 && offsetof(DriverVersion, build_minor) == 6);
static_assert(sizeof(SlotConfig) == 8 && offsetof(SlotConfig, slots) == 4);

inline constexpr std::uint32_t kGetDriverVersion = command(kRead, 16, sizeof(DriverVersion));
inline constexpr std::uint32_t kGetSlotConfig = command(kRead, 17, sizeof(SlotConfig));

static_assert(kGetDriverVersion == 0x8008F010);
static_assert(kGetSlotConfig == 0x8008F011);

}  // namespace catapult
