#include <algorithm>

#include "sampling-check.h"
#include "sampling.h"

namespace edgeslot::sampling {
namespace {

void add_row(float* __restrict sums, const std::uint8_t* __restrict source, float weight, std::size_t length) {
  for (std::size_t i = 0; i < length; i++) sums[i] += weight * static_cast<float>(source[i]);
}

/// The three channels of one destination pixel.
void add_columns(const float* source, std::span<const float> weights, float (&sums)[3]) {
  for (const float weight : weights) {
    for (std::size_t c = 0; c < 3; c++) sums[c] += weight * source[c];
    source += 3;
  }
}

}  // namespace

void sample_filter(const Pixels& pixels, const FilterAxis& x, const FilterAxis& y, const Finish& finish,
                   std::span<float> scratch, std::span<float> target) {
  const std::size_t width = x.first.size();
  const std::size_t height = y.first.size();
  check_pixels(pixels);
  check_axis(x, pixels.width, "x");
  check_axis(y, pixels.height, "y");
  check_finish(finish, width, height, target);
  std::int32_t first = x.first[0];
  std::int32_t end = 0;
  for (std::size_t i = 0; i < width; i++) {
    first = std::min(first, x.first[i]);
    end = std::max(end, x.first[i] + x.count[i]);
  }
  const std::size_t length = static_cast<std::size_t>(std::max(end - first, 0)) * 3;
  check_scratch(scratch, length);

  const std::size_t plane = finish.planar ? height * width : 1;
  const std::size_t in_row = finish.planar ? width : 1;
  const std::size_t step = finish.planar ? 1 : 3;
  float* to = target.data();
  for (std::size_t line = 0; line < height; line++) {
    std::fill_n(scratch.data(), length, 0.0F);
    const auto taps = static_cast<std::size_t>(y.count[line]);
    for (std::size_t tap = 0; tap < taps; tap++) {
      const std::size_t row = static_cast<std::size_t>(y.first[line]) + tap;
      const std::size_t offset = (row * pixels.width + static_cast<std::size_t>(first)) * 3;
      add_row(scratch.data(), pixels.rgb.data() + offset, y.weights[line * y.taps + tap], length);
    }
    for (std::size_t column = 0; column < width; column++, to += step) {
      float sums[3] = {0, 0, 0};
      const auto count = static_cast<std::size_t>(x.count[column]);
      add_columns(scratch.data() + static_cast<std::size_t>(x.first[column] - first) * 3,
                  x.weights.subspan(column * x.taps, count), sums);
      for (std::size_t place = 0; place < 3; place++) {
        const float value = sums[finish.reversed ? 2 - place : place];
        to[place * plane] = (value - finish.means[place * in_row]) * finish.scales[place * in_row];
      }
    }
  }
}

}  // namespace edgeslot::sampling
