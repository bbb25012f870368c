// The system calls that reach a card, as a seam: a scripted driver answers in tests, the kernel everywhere else.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace catapult {

/// One method per call, each exactly once: who calls decides about repeating. Failures as the system call: errno is set.
class DriverCalls {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~DriverCalls() = default;

  /// A descriptor, or -1.
  virtual int open(const char* path) = 0;
  virtual void close(int fd) = 0;
  /// -1 on failure.
  virtual int ioctl(int fd, std::uint32_t command, void* argument) = 0;
  /// Shared, readable and writable; null on failure.
  virtual void* map(int fd, std::size_t bytes, std::uint64_t offset) = 0;
  virtual void unmap(void* address, std::size_t bytes) = 0;

  virtual Clock::time_point now() = 0;
  virtual void sleep(std::chrono::milliseconds time) = 0;
};

/// The kernel's.
DriverCalls& kernel_calls();

}  // namespace catapult
