#include "half.h"

#include <bit>
#include <cstddef>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace catapult {

std::uint16_t portable_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7E00 | (magnitude >> 13 & 0x3FF));
  if (magnitude >= 0x47800000) return sign | 0x7C00;  // 65536 and more
  if (magnitude < 0x38800000) {
    // A subnormal half: its unit, 2^-24, is what float32 has as the last bit of numbers from 0.5 to 1, so one addition
    // rounds it as the processor rounds, to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000));
  }
  // The carry of rounding may go up into the exponent, and so to infinity, as it must.
  const std::uint32_t rebased = magnitude - 0x38000000;
  return static_cast<std::uint16_t>(sign | ((rebased + 0xFFF + (rebased >> 13 & 1)) >> 13));
}

float portable_from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t magnitude = half & 0x7FFF;
  std::uint32_t bits = 0;
  if (magnitude > 0x7C00) {
    bits = 0x7FC00000 | magnitude << 13;  // quiet, as the processor makes it
  } else if (magnitude == 0x7C00) {
    bits = 0x7F800000;
  } else if (magnitude >= 0x400) {
    bits = (magnitude << 13) + 0x38000000;
  } else {
    bits = std::bit_cast<std::uint32_t>(static_cast<float>(magnitude) * 0x1p-24f);
  }
  return std::bit_cast<float>(sign | bits);
}

namespace {

#if defined(__x86_64__)

/// The compiler's own question about F16C is not known to every compiler; the one about AVX asks the system too.
bool has_unit() {
  static const bool has = [] {
    unsigned int a = 0, b = 0, c = 0, d = 0;
    return __builtin_cpu_supports("avx") && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
  }();
  return has;
}

__attribute__((target("avx,f16c"))) std::size_t to_half_by_eight(std::span<const float> floats,
                                                                 std::span<std::uint16_t> halves) {
  std::size_t i = 0;
  for (; i + 8 <= floats.size(); i += 8) {
    const __m128i eight = _mm256_cvtps_ph(_mm256_loadu_ps(floats.data() + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(halves.data() + i), eight);
  }
  return i;
}

__attribute__((target("avx,f16c"))) std::size_t from_half_by_eight(std::span<const std::uint16_t> halves,
                                                                   std::span<float> floats) {
  std::size_t i = 0;
  for (; i + 8 <= halves.size(); i += 8) {
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves.data() + i));
    _mm256_storeu_ps(floats.data() + i, _mm256_cvtph_ps(eight));
  }
  return i;
}

#else

bool has_unit() { return false; }
std::size_t to_half_by_eight(std::span<const float>, std::span<std::uint16_t>) { return 0; }
std::size_t from_half_by_eight(std::span<const std::uint16_t>, std::span<float>) { return 0; }

#endif

}  // namespace

const char* half_unit() { return has_unit() ? "f16c" : "portable"; }

void to_half(std::span<const float> floats, std::span<std::uint16_t> halves) {
  std::size_t i = has_unit() ? to_half_by_eight(floats, halves) : 0;
  for (; i < floats.size(); i++) halves[i] = portable_to_half(floats[i]);
}

void from_half(std::span<const std::uint16_t> halves, std::span<float> floats) {
  std::size_t i = has_unit() ? from_half_by_eight(halves, floats) : 0;
  for (; i < halves.size(); i++) floats[i] = portable_from_half(halves[i]);
}

}  // namespace catapult
