#include "device-node.h"

#include <cerrno>
#include <utility>

#include "device-error.h"
#include "probe.h"
#include "system-call.h"

namespace catapult {
namespace {

constexpr std::uint32_t kMinimumSlots = 2;
constexpr std::uint32_t kMinimumSlotBytes = 8 * 1024;
constexpr std::uint32_t kMaximumSlotBytes = 16 * 1024 * 1024;

bool legal(const SlotConfig& config) {
  return config.slots >= kMinimumSlots && config.slots <= kMaximumSlots &&
         config.bytes_per_slot >= kMinimumSlotBytes && config.bytes_per_slot <= kMaximumSlotBytes &&
         config.bytes_per_slot % 4096 == 0;
}

}  // namespace

DeviceNode::DeviceNode(DriverCalls& calls, std::string path) : calls_(calls), path_(std::move(path)), hold_(path_) {
  fd_ = retry_on_signal([&] { return calls_.open(path_.c_str()); });
  if (fd_ == -1) throw device_error(path_ + ": open", errno);
  try {
    identify();
  } catch (...) {
    calls_.close(fd_);
    throw;
  }
}

DeviceNode::~DeviceNode() { calls_.close(fd_); }

void DeviceNode::identify() {
  call("GET_DRIVER_VERSION", kGetDriverVersion, &version_);
  if (const auto refused = refuse_version(version_)) throw DeviceError(Status::incompatible, path_ + ": " + *refused);
  call("GET_SLOT_CONFIG", kGetSlotConfig, &slots_);
  if (!legal(slots_)) {
    throw DeviceError(Status::incompatible, path_ + ": " + std::to_string(slots_.slots) + " slots of " +
                                                std::to_string(slots_.bytes_per_slot) +
                                                " bytes: expected 2 to 256 slots of 8 KiB to 16 MiB in whole pages");
  }
  RegisterInfo info{};
  call("GET_REGISTER_INFO", kGetRegisterInfo, &info);
  register_bytes_ = info.size[0];
  if (info.count < 1 || register_bytes_ < register_offset(kShellConfigurationErrors, kShell) + 4) {
    throw DeviceError(Status::incompatible, path_ + ": registers of " + std::to_string(register_bytes_) +
                                                " bytes: expected the shell's registers in the first window");
  }
}

int DeviceNode::try_call(std::uint32_t command, void* argument) const {
  return calls_.ioctl(fd_, command, argument) == -1 ? errno : 0;
}

void DeviceNode::call(const char* name, std::uint32_t command, void* argument) const {
  if (retry_on_signal([&] { return calls_.ioctl(fd_, command, argument); }) == -1) {
    throw device_error(path_ + ": " + name, errno);
  }
}

Mapping DeviceNode::map(const char* name, std::size_t bytes, std::uint64_t offset) const {
  void* address = calls_.map(fd_, bytes, offset);
  if (address == nullptr) throw device_error(path_ + ": mapping the " + name, errno);
  return Mapping(calls_, address, bytes);
}

}  // namespace catapult
