// A card taken by this process: opened, checked to be a role, all slots held, settled; the way in for everything else.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "device-node.h"
#include "registers.h"
#include "role-channel.h"
#include "settle.h"
#include "shell-health.h"
#include "slots.h"
#include "sysfs.h"

namespace catapult {

struct DeviceOptions {
  std::string path;                  // such as /dev/catapult0
  std::string sysfs;                 // its folder in /sys/class/catapult
  std::uint32_t epoch = 0;           // from the lease: names this owner in every request
  std::uint32_t slots = 2;           // that are used; all are held
  SettleOptions settle;
};

class Device {
 public:
  /// Throws DeviceError: incompatible for a function that is not the role, busy for a card that another process holds,
  /// timeout for one that does not become quiet, else as DeviceNode.
  Device(DriverCalls& calls, const DeviceOptions& options);

  const DeviceNode& node() const { return node_; }
  const Identity& identity() const { return identity_; }
  Slots& slots() { return slots_; }
  RoleChannel& role() { return role_; }

  ShellHealth health() const { return read_health(registers_); }

  /// Everything in flight is lost, and the model with it.
  void reset() { settle(calls_, slots_, registers_, settle_); }

 private:
  DriverCalls& calls_;
  const SettleOptions settle_;
  DeviceNode node_;
  const Identity identity_;
  Registers registers_;
  Slots slots_;
  RoleChannel role_;
};

}  // namespace catapult
