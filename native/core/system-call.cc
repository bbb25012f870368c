#include "system-call.h"

#include <system_error>

namespace catapult {
namespace {

// strerrorname_np is glibc >= 2.32 only; these are what a device node, sysfs and a lost card answer.
const char* name_of(int error) {
  switch (error) {
    case EACCES: return "EACCES";
    case EAGAIN: return "EAGAIN";
    case EBUSY: return "EBUSY";
    case ECONNABORTED: return "ECONNABORTED";
    case EFAULT: return "EFAULT";
    case EINVAL: return "EINVAL";
    case EIO: return "EIO";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case EMFILE: return "EMFILE";
    case ENFILE: return "ENFILE";
    case ENODEV: return "ENODEV";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case ENOSPC: return "ENOSPC";
    case ENOSYS: return "ENOSYS";
    case ENOTCONN: return "ENOTCONN";
    case ENOTDIR: return "ENOTDIR";
    case ENOTTY: return "ENOTTY";
    case ENXIO: return "ENXIO";
    case EPERM: return "EPERM";
    case EROFS: return "EROFS";
    case ETIMEDOUT: return "ETIMEDOUT";
    default: return nullptr;
  }
}

}  // namespace

std::string errno_text(int error) {
  const char* name = name_of(error);
  const std::string code = name != nullptr ? name : "errno " + std::to_string(error);
  return code + " (" + std::generic_category().message(error) + ")";
}

std::string failure(const std::string& what, int error) { return what + ": " + errno_text(error); }

}  // namespace catapult
