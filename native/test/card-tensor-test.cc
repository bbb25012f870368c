#include "../core/card-tensor.h"

#include <cstring>
#include <numeric>
#include <vector>

#include "../core/half.h"
#include "check.h"

namespace {

using catapult::CardTensor;

std::vector<float> numbers(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

float half_at(const std::vector<std::byte>& memory, std::size_t index) {
  std::uint16_t half = 0;
  std::memcpy(&half, memory.data() + index * sizeof half, sizeof half);
  return catapult::portable_from_half(half);
}

// Every byte of the card's memory is written: what lay there before was another picture.
void test_border() {
  const CardTensor tensor{5, 6, 2, 1, false, true};
  CHECK(tensor.values() == 3 * 4 * 2 && tensor.bytes() == 5 * 6 * 2 * 2);
  std::vector<std::byte> memory(tensor.bytes() + 1, std::byte{0xFF});
  to_card(tensor, numbers(tensor.values()), memory);
  int right = 0;
  float next = 1;
  for (std::uint32_t row = 0; row < 5; row++) {
    for (std::uint32_t column = 0; column < 6; column++) {
      const bool inside = row > 0 && row < 4 && column > 0 && column < 5;
      for (std::uint32_t channel = 0; channel < 2; channel++) {
        right += half_at(memory, (row * 6 + column) * 2 + channel) == (inside ? next++ : 0.0f);
      }
    }
  }
  CHECK(right == 5 * 6 * 2);
  CHECK(memory.back() == std::byte{0xFF});
}

// 130 channels are a whole block and one of which two are used; what fills it up is not looked at.
void test_blocks_of_channels() {
  const CardTensor tensor{1, 3, 130, 0, true, true};
  CHECK(tensor.values() == 3 * 130 && tensor.bytes() == 3 * 256 * 2);
  std::vector<std::byte> memory(tensor.bytes(), std::byte{0x7F});
  for (std::uint32_t place = 0; place < 3; place++) {
    for (std::uint32_t channel = 0; channel < 130; channel++) {
      const auto half = catapult::portable_to_half(static_cast<float>(place * 130 + channel));
      const std::size_t index = channel < 128 ? place * 128 + channel : 3 * 128 + place * 128 + (channel - 128);
      std::memcpy(memory.data() + index * sizeof half, &half, sizeof half);
    }
  }
  std::vector<float> floats(tensor.values() + 1, -1.0f);
  from_card(tensor, memory, floats);
  int right = 0;
  for (std::size_t i = 0; i < tensor.values(); i++) right += floats[i] == static_cast<float>(i);
  CHECK(right == 3 * 130);
  CHECK(floats.back() == -1.0f);
}

void test_round_trips() {
  for (const bool half : {true, false}) {
    const CardTensor tensor{7, 7, 33, 0, false, half};
    CHECK(tensor.bytes() == tensor.values() * (half ? 2 : 4));
    std::vector<std::byte> memory(tensor.bytes());
    std::vector<float> floats(tensor.values());
    to_card(tensor, numbers(tensor.values()), memory);
    from_card(tensor, memory, floats);
    CHECK(floats == numbers(tensor.values()));  // whole numbers up to 2048 are halves
  }
}

}  // namespace

void test_card_tensor() {
  test_border();
  test_blocks_of_channels();
  test_round_trips();
}
