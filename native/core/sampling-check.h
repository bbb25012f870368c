// What must hold of a plan before its loops run without checks.
#pragma once

#include "sampling.h"

namespace edgeslot::sampling {

/// Throws std::out_of_range naming the field and what was expected.
void check_pixels(const Pixels& pixels);
void check_axis(const BilinearAxis& axis, std::size_t source, const char* name);
void check_axis(const FilterAxis& axis, std::size_t source, const char* name);
void check_finish(const Finish& finish, std::size_t width, std::size_t height, std::span<float> target);
void check_scratch(std::span<float> scratch, std::size_t expected);

}  // namespace edgeslot::sampling
