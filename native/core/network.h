// A network as it is given to a card: where its graph lies, and what the card has to know of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "../include/edgeslot_role.h"

namespace catapult {

struct Network {
  std::string path;  // of the ONNX graph
  std::uint64_t bytes = 0;
  std::array<std::uint8_t, 32> sha256{};
  es_role_firmware firmware{};  // shapes, names, needs, cycles
  std::string manifest;         // the same as JSON, for a vendor's library
};

}  // namespace catapult
