// What the host maps: registers, slots, results and control lines, in one sparse file laid out as the driver's windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "catapult-abi.h"
#include "system-call.h"

namespace card {

inline constexpr std::uint64_t kFileBytes = 0x5000000000000000;
inline constexpr std::size_t kRegisterBytes = 16u << 20;  // the soft registers' 16-bit addresses, 256 bytes each

/// A sparse file of `kFileBytes` in memory, without a name: nothing is left behind however the process ends.
/// @throws std::runtime_error
catapult::FileDescriptor make_window_file();

class CardMemory {
 public:
  /// @throws std::runtime_error when there is no memory file to be had
  CardMemory(std::uint32_t slots, std::uint32_t bytes_per_slot);
  CardMemory(const CardMemory&) = delete;
  CardMemory& operator=(const CardMemory&) = delete;
  ~CardMemory();

  int descriptor() const { return file_.get(); }
  std::uint32_t slots() const { return slots_; }
  std::uint32_t bytes_per_slot() const { return bytes_per_slot_; }

  std::span<std::byte> input(std::uint32_t slot) const { return {input_ + offset(slot), bytes_per_slot_}; }
  std::span<std::byte> output(std::uint32_t slot) const { return {output_ + offset(slot), bytes_per_slot_}; }
  std::uint64_t input_offset(std::uint32_t slot) const { return catapult::kInputWindow + offset(slot); }
  std::uint64_t output_offset(std::uint32_t slot) const { return catapult::kOutputWindow + offset(slot); }

  // The host writes these at the same time.
  std::uint32_t full(std::uint32_t slot) const { return load(&control_[slot].full); }
  std::uint32_t done(std::uint32_t slot) const { return load(&control_[slot].done); }
  void set_full(std::uint32_t slot, std::uint32_t value) const { store(&control_[slot].full, value); }
  void set_done(std::uint32_t slot, std::uint32_t value) const { store(&control_[slot].done, value); }
  void set_result_bytes(std::uint32_t slot, std::uint32_t bytes) const { store(&results_[slot].bytes, bytes); }
  std::uint32_t read_register(std::uint32_t number, std::uint32_t interpreter) const;
  void write_register(std::uint32_t number, std::uint32_t interpreter, std::uint32_t value) const;
  /// Reads and clears, so that no doorbell is heard twice.
  std::uint32_t take_register(std::uint32_t number, std::uint32_t interpreter) const;

 private:
  static std::uint32_t load(const std::uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
  static void store(std::uint32_t* word, std::uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
  std::size_t offset(std::uint32_t slot) const { return static_cast<std::size_t>(slot) * bytes_per_slot_; }
  std::uint32_t* word(std::uint32_t number, std::uint32_t interpreter) const;
  std::byte* map(std::uint64_t from, std::size_t bytes) const;

  std::uint32_t slots_;
  std::uint32_t bytes_per_slot_;
  catapult::FileDescriptor file_;
  std::byte* registers_;
  std::byte* input_;
  std::byte* output_;
  catapult::SlotResult* results_;
  catapult::SlotControl* control_;
};

}  // namespace card
