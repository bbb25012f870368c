#include "open-nodes.h"

#include <sys/stat.h>

#include <mutex>
#include <set>

#include "device-error.h"
#include "system-call.h"

namespace catapult {
namespace {

struct Held {
  std::mutex mutex;
  std::set<std::string> keys;
};

// One per process although worker threads load the addon again: the library is the same.
Held& held() {
  static Held instance;
  return instance;
}

}  // namespace

std::string node_key(const std::string& path) {
  struct stat status {};
  if (retry_on_signal([&] { return ::stat(path.c_str(), &status); }) == -1) return path;
  if (S_ISCHR(status.st_mode)) return "character device " + std::to_string(status.st_rdev);
  return "file " + std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

bool is_held(const std::string& path) {
  const std::string key = node_key(path);
  const std::lock_guard lock(held().mutex);
  return held().keys.contains(key);
}

NodeHold::NodeHold(const std::string& path) : key_(node_key(path)) {
  const std::lock_guard lock(held().mutex);
  if (!held().keys.insert(key_).second) {
    throw DeviceError(Status::busy, path + " is already open in this process; close that handle first");
  }
}

NodeHold::~NodeHold() {
  const std::lock_guard lock(held().mutex);
  held().keys.erase(key_);
}

}  // namespace catapult
