#include "device.h"

#include "device-error.h"

namespace catapult {
namespace {

/// The driver's word in sysfs, or where there is none the type in the device feature header.
Registers role_registers(const DeviceNode& node, const Identity& identity) {
  Registers registers(node);
  if (identity.function_type ? *identity.function_type == "role" : registers.is_role()) return registers;
  throw DeviceError(Status::incompatible, node.path() + " is not the role function, which runs the models, but: " +
                                              identity.function_type.value_or("of unknown type"));
}

}  // namespace

Device::Device(DriverCalls& calls, const DeviceOptions& options)
    : calls_(calls),
      settle_(options.settle),
      node_(calls, options.path),
      identity_(read_identity(options.sysfs)),
      registers_(role_registers(node_, identity_)),
      slots_(node_, registers_, options.slots),
      role_(slots_, options.epoch) {
  reset();
}

}  // namespace catapult
