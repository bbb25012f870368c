#include "open-engine.h"

#include <sys/stat.h>

#include "device-error.h"
#include "library-engine.h"
#include "role-engine.h"

namespace catapult {
namespace {

constexpr std::uint32_t kMostSlots = 64;

/// Behind a driver's node that is no character device stands a process.
bool is_hardware(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || S_ISCHR(status.st_mode);
}

}  // namespace

std::unique_ptr<Engine> open_engine(const OpenOptions& options) {
  if (options.slots < 1 || options.slots > kMostSlots) {
    throw DeviceError(Status::invalid, "slots: expected 1 to " + std::to_string(kMostSlots) + ", found " +
                                           std::to_string(options.slots));
  }
  if (!options.driver_library.empty()) {
    return std::make_unique<LibraryEngine>(load_driver_library(options.driver_library, options.driver_owner),
                                           LibraryOptions{options.path, options.sysfs, options.epoch, options.slots});
  }
  DeviceOptions device;
  device.path = options.path;
  device.sysfs = options.sysfs;
  device.epoch = options.epoch;
  device.slots = options.slots;
  return std::make_unique<RoleEngine>(kernel_calls(), device, is_hardware(options.path));
}

}  // namespace catapult
