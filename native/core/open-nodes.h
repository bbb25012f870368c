// Which nodes this process holds. The driver frees every slot of a process when that process closes any descriptor of
// the node, so a second open, even for a look, would take the card from under the first.
#pragma once

#include <string>

namespace catapult {

/// The device behind a path (links and other names of the same node give the same key); the path itself if there is none.
std::string node_key(const std::string& path);

/// Whether this process holds the device behind `path`.
bool is_held(const std::string& path);

/// Holds a device for this process as long as it lives; throws DeviceError (busy) if it is held already.
class NodeHold {
 public:
  explicit NodeHold(const std::string& path);
  NodeHold(const NodeHold&) = delete;
  NodeHold& operator=(const NodeHold&) = delete;
  ~NodeHold();

 private:
  const std::string key_;
};

}  // namespace catapult
