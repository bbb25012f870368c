#include "../core/half.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "check.h"

namespace {

/// Nearest half by definition: of the two neighbours in order, the nearer one, the even one between them.
std::uint16_t nearest(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double magnitude = std::fabs(static_cast<double>(value));
  std::uint16_t low = 0;
  for (std::uint16_t bit = 0x4000; bit != 0; bit >>= 1) {
    const auto higher = static_cast<std::uint16_t>(low | bit);
    if (higher <= 0x7C00 && static_cast<double>(catapult::portable_from_half(higher)) <= magnitude) low = higher;
  }
  if (low == 0x7C00) return sign | low;
  const auto at = [](std::uint16_t half) {
    return half == 0x7C00 ? 65536.0 : static_cast<double>(catapult::portable_from_half(half));
  };
  const double below = magnitude - at(low);
  const double above = at(static_cast<std::uint16_t>(low + 1)) - magnitude;
  const bool up = above < below || (above == below && low % 2 == 1);
  return static_cast<std::uint16_t>(sign | (low + (up ? 1 : 0)));
}

void test_every_half() {
  std::vector<std::uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); i++) halves[i] = static_cast<std::uint16_t>(i);
  std::vector<float> floats(halves.size());
  std::vector<std::uint16_t> back(halves.size());
  catapult::from_half(halves, floats);
  catapult::to_half(floats, back);
  int same = 0;
  int round_trips = 0;
  for (std::size_t i = 0; i < halves.size(); i++) {
    same += std::bit_cast<std::uint32_t>(floats[i]) ==
            std::bit_cast<std::uint32_t>(catapult::portable_from_half(halves[i]));
    const bool nan = (i & 0x7FFF) > 0x7C00;
    round_trips += back[i] == (nan ? (i | 0x200) : i);
  }
  CHECK(same == 65536);
  CHECK(round_trips == 65536);
  CHECK(floats[0x3C00] == 1.0f && floats[0x0001] == 0x1p-24f && floats[0x7BFF] == 65504.0f);
}

void test_rounding() {
  std::vector<float> floats;
  for (std::uint32_t bits = 0; bits < 0x100000000 - 65521; bits += 65521) floats.push_back(std::bit_cast<float>(bits));
  for (std::uint16_t half = 0; half < 0x7C00; half++) {  // between every two halves, and just beside
    const double low = static_cast<double>(catapult::portable_from_half(half));
    const double high = half == 0x7BFF ? 65536.0 : static_cast<double>(catapult::portable_from_half(half + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    floats.insert(floats.end(), {middle, -middle, std::nextafterf(middle, 0), std::nextafterf(middle, 1e9f)});
  }
  floats.insert(floats.end(), {std::numeric_limits<float>::infinity(), -0.0f, 65519.996f, 1e30f});
  std::vector<std::uint16_t> halves(floats.size());
  catapult::to_half(floats, halves);
  std::size_t portable = 0;
  std::size_t exact = 0;
  for (std::size_t i = 0; i < floats.size(); i++) {
    portable += halves[i] == catapult::portable_to_half(floats[i]);
    exact += std::isnan(floats[i]) ? (halves[i] & 0x7FFF) > 0x7C00 : halves[i] == nearest(floats[i]);
  }
  CHECK(portable == floats.size());
  CHECK(exact == floats.size());
}

}  // namespace

void test_half() {
  std::printf("half precision by: %s\n", catapult::half_unit());
  test_every_half();
  test_rounding();
}
