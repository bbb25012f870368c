// How long a card would take, modelled and never measured on one: see PROTOCOL.md.
#pragma once

#include <chrono>
#include <cstdint>

namespace card {

/// 300 MHz, times 1.58: brings ResNet-50's ideal 341,040 cycles to the 1.8 ms reported of an Arria 10 (Fowers et al.,
/// "A Configurable Cloud-Scale DNN Processor for Real-Time AI", ISCA 2018).
constexpr std::chrono::nanoseconds modelled_run(std::uint64_t cycles) {
  constexpr double kNanosecondsPerCycle = 1.58 * 10.0 / 3.0;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(cycles) * kNanosecondsPerCycle));
}

/// 50 ms, 3 GB/s, and 0.2 ms for each request. The three are assumptions.
constexpr std::chrono::nanoseconds modelled_load(std::uint64_t bytes, std::uint32_t requests) {
  return std::chrono::milliseconds(50) + std::chrono::nanoseconds(bytes / 3) + std::chrono::microseconds(200) * requests;
}

}  // namespace card
