// Float32 to half precision (IEEE 754 binary16) and back, round to nearest even, by the processor where it can.
#pragma once

#include <cstdint>
#include <span>

namespace catapult {

/// What the conversion is done with: `f16c` or `portable`.
const char* half_unit();

/// `halves` is at least as long as `floats`. Too large becomes infinity, NaN stays NaN.
void to_half(std::span<const float> floats, std::span<std::uint16_t> halves);

/// `floats` is at least as long as `halves`. Exact.
void from_half(std::span<const std::uint16_t> halves, std::span<float> floats);

// The portable forms, the same bit by bit; for tests.
std::uint16_t portable_to_half(float value);
float portable_from_half(std::uint16_t half);

}  // namespace catapult
