// How using a card fails: a status that a caller decides by, and a text for people.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace catapult {

/// The numbers are those of the driver table (include/edgeslot_driver.h).
enum class Status : std::int32_t {
  invalid = -1,
  busy = -2,           // taken by another process, or twice by this one
  no_device = -3,
  access = -4,
  no_memory = -5,
  not_supported = -6,
  again = -7,          // the queue is full
  timeout = -8,
  cancelled = -9,
  incompatible = -10,  // a driver, a shell or a library of another version
  fault = -11,         // the card answered nonsense or an exception; it needs a reset
  lost = -12,          // the card is gone
};

/// `BUSY`, `TIMEOUT`, ...
const char* status_name(Status status);

class DeviceError : public std::runtime_error {
 public:
  DeviceError(Status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  Status status() const { return status_; }

 private:
  Status status_;
};

/// What an errno of the driver means: nothing behind the node any more is `lost`, no free slot is `busy`.
Status status_of_errno(int error);

/// `what: EBUSY (Device or resource busy)` with the status of the errno.
DeviceError device_error(const std::string& what, int error);

}  // namespace catapult
