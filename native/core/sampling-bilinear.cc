#include "sampling-check.h"
#include "sampling.h"

namespace edgeslot::sampling {
namespace {

constexpr std::int32_t nothing = -1;

/// One source row at the destination's columns, in the order of the tensor's rows.
void fill_row(const std::uint8_t* source, const BilinearAxis& x, const Finish& finish, float* row) {
  const std::size_t width = x.low.size();
  const std::size_t plane = finish.planar ? width : 1;
  const std::size_t step = finish.planar ? 1 : 3;
  const std::size_t red = finish.reversed ? 2 * plane : 0;
  const std::size_t blue = finish.reversed ? 0 : 2 * plane;
  for (std::size_t column = 0; column < width; column++, row += step) {
    const std::uint8_t* left = source + static_cast<std::size_t>(x.low[column]) * 3;
    const std::uint8_t* right = source + static_cast<std::size_t>(x.high[column]) * 3;
    const float weight = x.weight[column];
    const auto blend = [=](std::size_t c) {
      return static_cast<float>(left[c]) + static_cast<float>(right[c] - left[c]) * weight;
    };
    row[red] = blend(0);
    row[plane] = blend(1);
    row[blue] = blend(2);
  }
}

/// Two rows to finished values. Nothing overlaps, so that the compiler may take several at once.
void blend_rows(const float* __restrict upper, const float* __restrict lower, float weight,
                const float* __restrict means, const float* __restrict scales, float* __restrict target,
                std::size_t length) {
  for (std::size_t i = 0; i < length; i++) {
    const float value = upper[i] + (lower[i] - upper[i]) * weight;
    target[i] = (value - means[i]) * scales[i];
  }
}

}  // namespace

void sample_bilinear(const Pixels& pixels, const BilinearAxis& x, const BilinearAxis& y, const Finish& finish,
                     std::span<float> scratch, std::span<float> target) {
  const std::size_t width = x.low.size();
  const std::size_t height = y.low.size();
  const std::size_t length = 3 * width;
  check_pixels(pixels);
  check_axis(x, pixels.width, "x");
  check_axis(y, pixels.height, "y");
  check_finish(finish, width, height, target);
  check_scratch(scratch, 2 * length);

  float* const rows[] = {scratch.data(), scratch.data() + length};
  std::int32_t held[] = {nothing, nothing};  // the source row in each
  const auto hold = [&](std::size_t slot, std::int32_t line) {
    if (held[slot] == line) return;
    fill_row(pixels.rgb.data() + static_cast<std::size_t>(line) * pixels.width * 3, x, finish, rows[slot]);
    held[slot] = line;
  };
  const std::size_t segments = finish.planar ? 3 : 1;
  const std::size_t segment = length / segments;
  for (std::size_t line = 0; line < height; line++) {
    const std::int32_t low = y.low[line];
    const std::int32_t high = y.high[line];
    const std::size_t upper = held[1] == low || (held[0] != low && held[0] == high) ? 1 : 0;
    const std::size_t lower = low == high ? upper : 1 - upper;
    hold(upper, low);
    hold(lower, high);
    for (std::size_t plane = 0; plane < segments; plane++) {
      const std::size_t from = plane * segment;
      blend_rows(rows[upper] + from, rows[lower] + from, y.weight[line], finish.means.data() + from,
                 finish.scales.data() + from, target.data() + (plane * height + line) * segment, segment);
    }
  }
}

}  // namespace edgeslot::sampling
