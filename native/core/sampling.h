// Decoded pixels to a network's input: the loops over pixels, from a plan that says which pixels and with what weight.
// Float32 with a rounding after each operation, so that every host gives the same bits (built without contraction).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace edgeslot::sampling {

/// 8-bit RGB, row by row, no padding.
struct Pixels {
  std::span<const std::uint8_t> rgb;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// For each destination pixel two source pixels, and the weight of the second.
struct BilinearAxis {
  std::span<const std::int32_t> low;
  std::span<const std::int32_t> high;
  std::span<const float> weight;
};

/// For each destination pixel a run of source pixels; `taps` weights each, of which `count` are used.
struct FilterAxis {
  std::span<const std::int32_t> first;
  std::span<const std::int32_t> count;
  std::span<const float> weights;
  std::size_t taps = 0;
};

/// How values are finished and placed: means and scales of one row of the tensor, 3 × its width, in the row's order.
struct Finish {
  bool planar = false;    // each channel in a plane of its own (NCHW)
  bool reversed = false;  // blue first
  std::span<const float> means;
  std::span<const float> scales;
};

/// Two neighbours along the row, then two rows. `scratch`: two rows. Throws std::out_of_range for a plan that leaves
/// the pixels, the scratch or the target; nothing is written then.
void sample_bilinear(const Pixels& pixels, const BilinearAxis& x, const BilinearAxis& y, const Finish& finish,
                     std::span<float> scratch, std::span<float> target);

/// Weighted sums of rows, then of columns. `scratch`: three floats for each source column from the first to the last
/// that is read. Throws as `sample_bilinear`.
void sample_filter(const Pixels& pixels, const FilterAxis& x, const FilterAxis& y, const Finish& finish,
                   std::span<float> scratch, std::span<float> target);

}  // namespace edgeslot::sampling
