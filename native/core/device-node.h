// An open node of the driver: calls, windows and what it said of itself.
#pragma once

#include <string>

#include "catapult-abi.h"
#include "driver-calls.h"
#include "mapping.h"
#include "open-nodes.h"

namespace catapult {

class DeviceNode {
 public:
  /// Opens the node and reads version, slots and registers' size. Throws DeviceError: busy if this process holds the
  /// node, incompatible for a driver or a slot configuration that is not known, else by errno.
  DeviceNode(DriverCalls& calls, std::string path);
  DeviceNode(const DeviceNode&) = delete;
  DeviceNode& operator=(const DeviceNode&) = delete;
  /// Closes the descriptor, by which the driver frees every slot of this process.
  ~DeviceNode();

  const std::string& path() const { return path_; }
  const DriverVersion& version() const { return version_; }
  const SlotConfig& slots() const { return slots_; }
  std::size_t register_bytes() const { return register_bytes_; }
  DriverCalls& calls() const { return calls_; }

  /// One command, repeated while signals interrupt it; throws DeviceError naming it.
  void call(const char* name, std::uint32_t command, void* argument = nullptr) const;

  /// One command, once: 0 or the errno.
  int try_call(std::uint32_t command, void* argument) const;

  /// Throws DeviceError naming the window.
  Mapping map(const char* name, std::size_t bytes, std::uint64_t offset) const;

 private:
  void identify();

  DriverCalls& calls_;
  const std::string path_;
  const NodeHold hold_;
  int fd_ = -1;
  DriverVersion version_{};
  SlotConfig slots_{};
  std::size_t register_bytes_ = 0;
};

}  // namespace catapult
