#include "registers.h"

#include <atomic>

#include "device-error.h"

namespace catapult {
namespace {

constexpr std::uint32_t kInterrupt = 1u << 31;

template <typename Word>
std::atomic_ref<Word> at(const Mapping& window, std::uint32_t offset) {
  return std::atomic_ref<Word>(*reinterpret_cast<Word*>(window.bytes().data() + offset));
}

// One load or store instruction each: a device register must never be read in pieces.
static_assert(std::atomic_ref<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

}  // namespace

Registers::Registers(const DeviceNode& node)
    : path_(node.path()), window_(node.map("registers", node.register_bytes(), kRegisterWindow)) {
  expect_present();
  const std::uint32_t offset = soft_register_offset(kSoftDoorbell);
  soft_doorbells_ = offset + sizeof(std::uint64_t) <= node.register_bytes() && read64(offset) == kSoftDoorbellPresent;
}

std::uint32_t Registers::read32(std::uint32_t offset) const { return at<std::uint32_t>(window_, offset).load(); }

std::uint64_t Registers::read64(std::uint32_t offset) const { return at<std::uint64_t>(window_, offset).load(); }

std::uint32_t Registers::shell(std::uint32_t number) const { return read32(register_offset(number, kShell)); }

void Registers::write_shell(std::uint32_t number, std::uint32_t value) {
  at<std::uint32_t>(window_, register_offset(number, kShell)).store(value);
}

void Registers::ring_register(std::uint32_t offset, std::uint32_t value) {
  if (soft_doorbells_) {
    const std::uint64_t both = static_cast<std::uint64_t>(offset) << 32 | value;
    at<std::uint64_t>(window_, soft_register_offset(kSoftDoorbell)).store(both);
  } else {
    at<std::uint32_t>(window_, offset).store(value);
  }
}

void Registers::ring(std::uint32_t slot, std::uint32_t bytes) {
  ring_register(register_offset(slot, kDoorbell), kInterrupt | bytes / kSendUnit);
}

void Registers::clear_done(std::uint32_t slot) { ring_register(register_offset(slot, kDoneClear), 1); }

bool Registers::is_role() const {
  return read64(kTypeLowOffset) == kRoleTypeLow && read64(kTypeHighOffset) == kRoleTypeHigh;
}

void Registers::expect_present() const {
  // Control and temperature cannot both be all ones on a card that answers.
  if (shell(kShellControl) == kGone && shell(kShellTemperature) == kGone) {
    throw DeviceError(Status::lost, path_ + ": the registers read all ones: the card is gone from the bus");
  }
}

}  // namespace catapult
