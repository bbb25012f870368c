#include "driver-library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "device-error.h"
#include "sha256.h"
#include "system-call.h"

namespace catapult {
namespace {

std::string resolved(const std::string& path) {
  if (!path.starts_with('/')) {
    throw DeviceError(Status::invalid, "driver library: expected an absolute path, found " + path);
  }
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) throw DeviceError(Status::no_device, failure("driver library " + path, errno));
  return real.get();
}

/// Nobody but root and `owner` may have put the library there, nor put another in its place.
void expect_trusted(const std::string& path, const struct stat& status, uid_t owner) {
  const bool folder = S_ISDIR(status.st_mode);
  const bool foreign = status.st_uid != 0 && status.st_uid != owner;
  const bool open = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(folder && (status.st_mode & S_ISVTX));
  if (!foreign && !open) return;
  const std::string what = foreign ? "belongs to user " + std::to_string(status.st_uid) + ", not to root"
                                   : "is writable by group or others";
  throw DeviceError(Status::access, "driver library refused: " + path + " " + what);
}

void expect_trusted_folders(std::string path, uid_t owner) {
  while (path != "/") {
    path.resize(std::max<std::size_t>(path.rfind('/'), 1));
    struct stat status {};
    if (retry_on_signal([&] { return ::stat(path.c_str(), &status); }) == -1) {
      throw DeviceError(Status::access, failure("driver library: stat " + path, errno));
    }
    expect_trusted(path, status, owner);
  }
}

std::string digest(const FileDescriptor& file, const std::string& path) {
  Sha256 hash;
  std::array<std::byte, 65536> part;
  for (;;) {
    const ssize_t got = retry_on_signal([&] { return ::read(file.get(), part.data(), part.size()); });
    if (got < 0) throw device_error("driver library: reading " + path, errno);
    if (got == 0) return hash.finish();
    hash.update(std::span(part).first(static_cast<std::size_t>(got)));
  }
}

std::string checked_file(const std::string& path, uid_t owner) {
  const FileDescriptor file(
      retry_on_signal([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!file.valid()) throw device_error("driver library: opening " + path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) == -1) throw device_error("driver library: stat " + path, errno);
  if (!S_ISREG(status.st_mode)) throw DeviceError(Status::incompatible, "driver library: " + path + " is no file");
  expect_trusted(path, status, owner);
  expect_trusted_folders(path, owner);
  return digest(file, path);
}

std::string dynamic_error() {
  const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): each thread has its own in the libraries of Linux
  return text != nullptr ? text : "unknown error";
}

}  // namespace

edgeslot_driver checked_table(const edgeslot_driver* table, const std::string& path) {
  const auto refuse = [&](const std::string& text) { return DeviceError(Status::incompatible, path + ": " + text); };
  if (table == nullptr) {
    throw refuse("it has no driver table for version " + std::to_string(EDGESLOT_DRIVER_MAJOR) + "." +
                 std::to_string(EDGESLOT_DRIVER_MINOR));
  }
  // The size and the version come first in every table there will ever be.
  if (table->size < offsetof(edgeslot_driver, name)) {
    throw refuse("its driver table of " + std::to_string(table->size) + " bytes holds no version");
  }
  if (table->major != EDGESLOT_DRIVER_MAJOR) {
    throw refuse("driver table version " + std::to_string(table->major) + "." + std::to_string(table->minor) +
                 ": expected major version " + std::to_string(EDGESLOT_DRIVER_MAJOR));
  }
  edgeslot_driver known{};
  std::memcpy(&known, table, std::min<std::size_t>(table->size, sizeof known));
  const bool complete = known.name && known.version && known.enumerate && known.open && known.close && known.load &&
                        known.unload && known.tensors && known.allocate && known.release && known.submit &&
                        known.reap && known.wake && known.reset;
  if (!complete) {
    throw refuse("its driver table of " + std::to_string(table->size) +
                 " bytes lacks functions that running a model needs");
  }
  return known;  // health and describe may be absent
}

DriverLibrary load_driver_library(const std::string& path, uid_t owner) {
  DriverLibrary library{resolved(path), {}, {}};
  library.sha256 = checked_file(library.path, owner);
  void* handle = ::dlopen(library.path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: it may have threads
  if (handle == nullptr) throw DeviceError(Status::incompatible, "driver library: " + dynamic_error());
  const auto query = reinterpret_cast<edgeslot_driver_query_function>(::dlsym(handle, EDGESLOT_DRIVER_SYMBOL));
  if (query == nullptr) {
    throw DeviceError(Status::incompatible, library.path + ": it does not export " + EDGESLOT_DRIVER_SYMBOL);
  }
  library.table = checked_table(query(EDGESLOT_DRIVER_MAJOR, EDGESLOT_DRIVER_MINOR), library.path);
  return library;
}

}  // namespace catapult
