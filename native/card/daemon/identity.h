// The attributes of a function, as the kernel shows them in /sys/class/catapult/catapultN.
#pragma once

#include <cstdint>
#include <string>

namespace card {

struct Identity {
  std::string directory;      // .../catapultN
  std::string function_type;  // role, management
  std::uint32_t function_number = 0;
};

/// Each file is whole at any time: a reader never meets an empty one.
void write_identity(const Identity& identity, std::int32_t celsius);

}  // namespace card
