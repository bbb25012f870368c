// A picture's bytes to the card and a network's features back, by the role's loopback.
#pragma once

#include <chrono>
#include <optional>

#include "../../core/device.h"

namespace test {

inline constexpr std::uint32_t kInputBytes = 317'400;   // 230 x 230 x 3 half-precision numbers
inline constexpr std::uint32_t kOutputBytes = 200'704;  // 7 x 7 x 2048
inline constexpr std::chrono::milliseconds kPatience{10'000};

/// Fills the slot with `number`, as far as such a picture fits, and sends it. @return the request's id
std::uint64_t send(catapult::Device& device, std::uint32_t slot, int number);

/// Waits for the answer and discards it. @return whether it holds `number` only and is of the right size
bool answered(catapult::Device& device, std::uint32_t slot, std::uint64_t id, int number,
              std::chrono::milliseconds patience = kPatience);

/// Both of them, in the first slot.
bool round_trip(catapult::Device& device, int number);

/// What the role said of a request, by its number (es_role_result).
std::uint32_t result_of(catapult::Device& device, std::uint32_t slot, std::uint64_t id);

}  // namespace test
