// Opens a card by what there is for it: a vendor's library, or the driver's node alone.
#pragma once

#include <sys/types.h>

#include <memory>

#include "engine.h"

namespace catapult {

struct OpenOptions {
  std::string path;
  std::string sysfs;
  std::uint32_t epoch = 0;
  std::uint32_t slots = 2;
  std::string driver_library;  // empty: none
  uid_t driver_owner = 0;      // besides root
};

/// Throws DeviceError as RoleEngine, LibraryEngine and load_driver_library do.
std::unique_ptr<Engine> open_engine(const OpenOptions& options);

}  // namespace catapult
