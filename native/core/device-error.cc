#include "device-error.h"

#include <cerrno>

#include "system-call.h"

namespace catapult {

const char* status_name(Status status) {
  switch (status) {
    case Status::invalid: return "INVALID";
    case Status::busy: return "BUSY";
    case Status::no_device: return "NO_DEVICE";
    case Status::access: return "ACCESS";
    case Status::no_memory: return "NO_MEMORY";
    case Status::not_supported: return "NOT_SUPPORTED";
    case Status::again: return "AGAIN";
    case Status::timeout: return "TIMEOUT";
    case Status::cancelled: return "CANCELLED";
    case Status::incompatible: return "INCOMPATIBLE";
    case Status::fault: return "FAULT";
    case Status::lost: return "LOST";
  }
  return "UNKNOWN";
}

Status status_of_errno(int error) {
  switch (error) {
    case EBUSY:
    case ENOSPC: return Status::busy;
    case EACCES:
    case EPERM: return Status::access;
    case ENOENT:
    case ENOTDIR: return Status::no_device;
    case ENODEV:
    case ENXIO:
    case EIO:
    case ENOTCONN:
    case ECONNABORTED: return Status::lost;
    case ENOMEM:
    case EMFILE:
    case ENFILE: return Status::no_memory;
    case ENOTTY:
    case ENOSYS: return Status::not_supported;
    case ETIMEDOUT: return Status::timeout;
    default: return Status::invalid;
  }
}

DeviceError device_error(const std::string& what, int error) {
  return DeviceError(status_of_errno(error), failure(what, error));
}

}  // namespace catapult
