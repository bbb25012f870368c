#include "sampling-check.h"

#include <stdexcept>
#include <string>

namespace edgeslot::sampling {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& expected, std::size_t found) {
  throw std::out_of_range(field + ": expected " + expected + ", found " + std::to_string(found));
}

void check_length(const std::string& field, std::size_t found, std::size_t expected) {
  if (found != expected) refuse(field, std::to_string(expected) + " values", found);
}

void check_indices(const std::string& field, std::span<const std::int32_t> indices, std::size_t source) {
  for (const std::int32_t index : indices) {
    // A negative one is a very large one here.
    if (static_cast<std::uint32_t>(index) >= source) {
      refuse(field, "pixels below " + std::to_string(source), static_cast<std::uint32_t>(index));
    }
  }
}

}  // namespace

void check_pixels(const Pixels& pixels) {
  constexpr std::size_t side = 1 << 20;
  if (pixels.width < 1 || pixels.width > side) refuse("width", "1 to 1048576", pixels.width);
  if (pixels.height < 1 || pixels.height > side) refuse("height", "1 to 1048576", pixels.height);
  const std::size_t bytes = pixels.width * pixels.height * 3;
  if (pixels.rgb.size() < bytes) refuse("pixels", std::to_string(bytes) + " bytes or more", pixels.rgb.size());
}

void check_axis(const BilinearAxis& axis, std::size_t source, const char* name) {
  const std::string field = name;
  if (axis.low.empty()) refuse(field, "one pixel or more", 0);
  check_length(field + ".high", axis.high.size(), axis.low.size());
  check_length(field + ".weight", axis.weight.size(), axis.low.size());
  check_indices(field + ".low", axis.low, source);
  check_indices(field + ".high", axis.high, source);
}

void check_axis(const FilterAxis& axis, std::size_t source, const char* name) {
  const std::string field = name;
  if (axis.first.empty()) refuse(field, "one pixel or more", 0);
  if (axis.taps < 1 || axis.taps > source) refuse(field + ".taps", "1 to " + std::to_string(source), axis.taps);
  check_length(field + ".count", axis.count.size(), axis.first.size());
  check_length(field + ".weights", axis.weights.size(), axis.first.size() * axis.taps);
  check_indices(field + ".first", axis.first, source);
  for (std::size_t i = 0; i < axis.count.size(); i++) {
    const auto count = static_cast<std::uint32_t>(axis.count[i]);
    const std::size_t room = source - static_cast<std::size_t>(axis.first[i]);
    const std::size_t most = room < axis.taps ? room : axis.taps;
    if (count > most) refuse(field + ".count", "at most " + std::to_string(most), count);
  }
}

void check_finish(const Finish& finish, std::size_t width, std::size_t height, std::span<float> target) {
  check_length("means", finish.means.size(), 3 * width);
  check_length("scales", finish.scales.size(), 3 * width);
  const std::size_t floats = 3 * width * height;
  if (target.size() < floats) refuse("target", std::to_string(floats) + " floats or more", target.size());
}

void check_scratch(std::span<float> scratch, std::size_t expected) {
  if (scratch.size() < expected) refuse("scratch", std::to_string(expected) + " floats or more", scratch.size());
}

}  // namespace edgeslot::sampling
