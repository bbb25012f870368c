// What the driver tells of a function in /sys/class/catapult/catapultN/.
#pragma once

#include <optional>
#include <string>

namespace catapult {

struct Identity {
  std::optional<std::string> function_type;  // "role", "management" or "legacy"
  std::optional<std::string> shell_version;
  std::optional<std::string> shell_id;
  std::optional<std::string> role_id;
  std::optional<std::string> board_id;
  std::optional<std::string> chip_id;
  std::optional<double> temperature;  // degrees Celsius
};

/// Reads one attribute file, trimmed; nothing when it cannot be read or is empty.
std::optional<std::string> read_attribute(const std::string& path);

/// Degrees of a text such as "52 C"; nothing when it does not begin with a number.
std::optional<double> parse_temperature(const std::string& text);

/// Every attribute that can be read below `directory`; a missing directory gives an empty identity.
Identity read_identity(const std::string& directory);

}  // namespace catapult
