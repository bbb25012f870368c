#include "card-tensor.h"

#include <algorithm>
#include <cstring>

#include "half.h"

namespace catapult {
namespace {

constexpr std::size_t kBlock = ES_ROLE_INTERLEAVE_COLUMNS;

std::size_t element_bytes(const CardTensor& tensor) { return tensor.half ? sizeof(std::uint16_t) : sizeof(float); }

void write_elements(const CardTensor& tensor, std::span<const float> floats, std::byte* memory) {
  if (tensor.half) {
    to_half(floats, {reinterpret_cast<std::uint16_t*>(memory), floats.size()});
  } else {
    std::memcpy(memory, floats.data(), floats.size_bytes());
  }
}

void read_elements(const CardTensor& tensor, const std::byte* memory, std::span<float> floats) {
  if (tensor.half) {
    from_half({reinterpret_cast<const std::uint16_t*>(memory), floats.size()}, floats);
  } else {
    std::memcpy(floats.data(), memory, floats.size_bytes());
  }
}

}  // namespace

std::size_t CardTensor::values() const {
  return std::size_t{rows - 2 * border} * (columns - 2 * border) * channels;
}

std::size_t CardTensor::bytes() const {
  const std::size_t stored = interleaved ? (channels + kBlock - 1) / kBlock * kBlock : channels;
  return std::size_t{rows} * columns * stored * element_bytes(*this);
}

CardTensor input_of(const es_role_firmware& firmware) {
  return {firmware.input_rows, firmware.input_columns, firmware.input_channels, firmware.input_border, false, true};
}

CardTensor output_of(const es_role_firmware& firmware) {
  return {firmware.output_rows, firmware.output_columns, firmware.output_channels, 0, firmware.interleaved != 0, true};
}

void to_card(const CardTensor& tensor, std::span<const float> floats, std::span<std::byte> memory) {
  const std::size_t size = element_bytes(tensor);
  const std::size_t side = tensor.border * std::size_t{tensor.channels} * size;
  const std::size_t row = (tensor.columns - 2 * tensor.border) * std::size_t{tensor.channels};
  const std::size_t edge = tensor.border * (row * size + 2 * side);  // all rows of the border above, or below
  std::byte* at = memory.data();
  std::memset(at, 0, edge);
  at += edge;
  for (std::size_t done = 0; done < tensor.values(); done += row) {
    std::memset(at, 0, side);
    write_elements(tensor, floats.subspan(done, row), at + side);
    at += side + row * size;
    std::memset(at, 0, side);
    at += side;
  }
  std::memset(at, 0, edge);
}

void from_card(const CardTensor& tensor, std::span<const std::byte> memory, std::span<float> floats) {
  if (!tensor.interleaved) return read_elements(tensor, memory.data(), floats.first(tensor.values()));
  const std::size_t places = std::size_t{tensor.rows} * tensor.columns;
  const std::byte* at = memory.data();
  for (std::size_t first = 0; first < tensor.channels; first += kBlock) {
    const std::size_t count = std::min<std::size_t>(kBlock, tensor.channels - first);
    for (std::size_t place = 0; place < places; place++) {
      read_elements(tensor, at, floats.subspan(place * tensor.channels + first, count));
      at += kBlock * element_bytes(tensor);
    }
  }
}

}  // namespace catapult
