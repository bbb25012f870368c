#include "../core/sampling.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <vector>

#include "check.h"

namespace {

namespace s = edgeslot::sampling;

struct Axis {
  std::vector<std::int32_t> low, high;
  std::vector<float> weight;
  s::BilinearAxis view() const { return {low, high, weight}; }
};

struct Filter {
  std::vector<std::int32_t> first, count;
  std::vector<float> weights;
  std::size_t taps = 1;
  s::FilterAxis view() const { return {first, count, weights, taps}; }
};

/// Buffers of exactly the size that is needed, so that a sanitizer sees a step too far.
struct Case {
  std::mt19937 random;
  std::size_t width, height, out_width, out_height;
  bool planar, reversed;
  std::vector<std::uint8_t> rgb;
  std::vector<float> means, scales, target;

  explicit Case(unsigned seed) : random(seed) {
    width = below(40) + 1;
    height = below(40) + 1;
    out_width = below(20) + 1;
    out_height = below(20) + 1;
    planar = below(2) == 1;
    reversed = below(2) == 1;
    for (std::size_t i = 0; i < width * height * 3; i++) rgb.push_back(static_cast<std::uint8_t>(below(256)));
    for (std::size_t i = 0; i < 3 * out_width; i++) {
      means.push_back(static_cast<float>(below(255)));
      scales.push_back(static_cast<float>(below(100)) / 64);
    }
    target.assign(out_width * out_height * 3, -1);
  }

  std::size_t below(std::size_t bound) { return random() % bound; }
  s::Pixels pixels() const { return {rgb, width, height}; }
  s::Finish finish() const { return {planar, reversed, means, scales}; }

  Axis axis(std::size_t size, std::size_t source) {
    Axis axis;
    for (std::size_t i = 0; i < size; i++) {
      axis.low.push_back(static_cast<std::int32_t>(below(source)));
      axis.high.push_back(static_cast<std::int32_t>(below(source)));
      axis.weight.push_back(static_cast<float>(below(64)) / 64);
    }
    return axis;
  }

  Filter filter(std::size_t size, std::size_t source) {
    Filter filter;
    filter.taps = below(source) + 1;
    for (std::size_t i = 0; i < size; i++) {
      const std::size_t first = below(source);
      const std::size_t room = source - first < filter.taps ? source - first : filter.taps;
      filter.first.push_back(static_cast<std::int32_t>(first));
      filter.count.push_back(static_cast<std::int32_t>(below(room + 1)));
    }
    for (std::size_t i = 0; i < size * filter.taps; i++) filter.weights.push_back(static_cast<float>(below(64)) / 64);
    return filter;
  }

  /// Where a channel of a pixel must have gone.
  float found(std::size_t row, std::size_t column, std::size_t channel) const {
    const std::size_t place = reversed ? 2 - channel : channel;
    return target[planar ? (place * out_height + row) * out_width + column : (row * out_width + column) * 3 + place];
  }
  float finished(float value, std::size_t column, std::size_t channel) const {
    const std::size_t place = reversed ? 2 - channel : channel;
    // The filter takes one mean for a channel, so those of the first pixel.
    const std::size_t at = planar ? place * out_width + column : column * 3 + place;
    return (value - means[at]) * scales[at];
  }
  float value(std::int32_t row, std::int32_t column, std::size_t channel) const {
    return rgb[(static_cast<std::size_t>(row) * width + static_cast<std::size_t>(column)) * 3 + channel];
  }
};

void test_two_neighbours(unsigned seed) {
  Case one(seed);
  const Axis x = one.axis(one.out_width, one.width);
  const Axis y = one.axis(one.out_height, one.height);
  std::vector<float> scratch(6 * one.out_width);
  s::sample_bilinear(one.pixels(), x.view(), y.view(), one.finish(), scratch, one.target);
  bool same = true;
  for (std::size_t row = 0; row < one.out_height; row++) {
    for (std::size_t column = 0; column < one.out_width; column++) {
      for (std::size_t channel = 0; channel < 3; channel++) {
        const auto across = [&](std::int32_t line) {
          const float left = one.value(line, x.low[column], channel);
          return left + (one.value(line, x.high[column], channel) - left) * x.weight[column];
        };
        const float upper = across(y.low[row]);
        const float blended = upper + (across(y.high[row]) - upper) * y.weight[row];
        same = same && one.found(row, column, channel) == one.finished(blended, column, channel);
      }
    }
  }
  CHECK(same);
}

void test_weighted_sums(unsigned seed) {
  Case one(seed);
  const Filter x = one.filter(one.out_width, one.width);
  const Filter y = one.filter(one.out_height, one.height);
  std::vector<float> scratch(3 * one.width);
  s::sample_filter(one.pixels(), x.view(), y.view(), one.finish(), scratch, one.target);
  bool near = true;
  for (std::size_t row = 0; row < one.out_height; row++) {
    for (std::size_t column = 0; column < one.out_width; column++) {
      for (std::size_t channel = 0; channel < 3; channel++) {
        double sum = 0;
        for (std::int32_t i = 0; i < y.count[row]; i++) {
          for (std::int32_t j = 0; j < x.count[column]; j++) {
            const double weight = y.weights[row * y.taps + static_cast<std::size_t>(i)];
            sum += weight * x.weights[column * x.taps + static_cast<std::size_t>(j)] *
                   one.value(y.first[row] + i, x.first[column] + j, channel);
          }
        }
        const float expected = one.finished(static_cast<float>(sum), 0, channel);
        const float apart = one.found(row, column, channel) - expected;
        near = near && apart * apart <= 1e-4F * (1 + expected * expected);
      }
    }
  }
  CHECK(near);
}

template <typename Action>
bool refused(Action action) {
  try {
    action();
    return false;
  } catch (const std::out_of_range&) {
    return true;
  }
}

void test_refusals() {
  Case one(7);
  Axis x = one.axis(one.out_width, one.width);
  const Axis y = one.axis(one.out_height, one.height);
  std::vector<float> scratch(6 * one.out_width);
  const auto run = [&](std::span<float> room) {
    s::sample_bilinear(one.pixels(), x.view(), y.view(), one.finish(), room, one.target);
  };
  CHECK(!refused([&] { run(scratch); }));
  CHECK(refused([&] { run(std::span(scratch).first(scratch.size() - 1)); }));
  x.high.back() = static_cast<std::int32_t>(one.width);
  CHECK(refused([&] { run(scratch); }));
  x.high.back() = -1;
  CHECK(refused([&] { run(scratch); }));
  x.high.back() = 0;
  one.target.pop_back();
  CHECK(refused([&] { run(scratch); }));
  one.target.push_back(0);
  one.rgb.pop_back();
  CHECK(refused([&] { run(scratch); }));
}

}  // namespace

void test_sampling() {
  for (unsigned seed = 0; seed < 200; seed++) {
    test_two_neighbours(seed);
    test_weighted_sums(seed);
  }
  test_refusals();
}
