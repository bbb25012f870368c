// A tensor at the card's edge: float32 in the host's memory, halves with a border or in blocks of channels in the card's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "network.h"

namespace catapult {

struct CardTensor {
  std::uint32_t rows = 0;  // on the card: with the border
  std::uint32_t columns = 0;
  std::uint32_t channels = 0;
  std::uint32_t border = 0;  // zeros on each side
  bool interleaved = false;  // blocks of 128 channels: all places of the first block, then those of the second
  bool half = true;          // else float32 on the card too

  /// Of the host's tensor, rows x columns x channels without the border.
  std::size_t values() const;
  /// Of the card's.
  std::size_t bytes() const;
};

CardTensor input_of(const es_role_firmware& firmware);
CardTensor output_of(const es_role_firmware& firmware);

/// Writes `values()` floats as `bytes()` bytes, the border included. Not for interleaved tensors.
void to_card(const CardTensor& tensor, std::span<const float> floats, std::span<std::byte> memory);

/// Reads `bytes()` bytes as `values()` floats. Not for tensors with a border.
void from_card(const CardTensor& tensor, std::span<const std::byte> memory, std::span<float> floats);

}  // namespace catapult
