// Loads a vendor's shared library by the driver table, if its file can be trusted and its version fits.
#pragma once

#include <sys/types.h>

#include <string>

#include "../include/edgeslot_driver.h"

namespace catapult {

struct DriverLibrary {
  std::string path;    // links resolved
  std::string sha256;  // of the file, for the log
  edgeslot_driver table;  // what the library did not fill is null or zero
};

/// Loads the library at `path`, for good. The file and every folder above it must belong to root or `owner` and be
/// writable by nobody else (a folder with the sticky bit may be). Throws DeviceError: invalid for a relative path,
/// no_device for none there, access for a file that others could have written, incompatible for anything that is no
/// library, has no table, or a table of another major version or without a function that is needed.
DriverLibrary load_driver_library(const std::string& path, uid_t owner = 0);

/// The same checks of a table, of any size: what it lacks is null afterwards. For tests.
edgeslot_driver checked_table(const edgeslot_driver* table, const std::string& path);

}  // namespace catapult
