#include "driver-calls.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

namespace catapult {
namespace {

class KernelCalls final : public DriverCalls {
 public:
  int open(const char* path) override { return ::open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK); }
  void close(int fd) override { ::close(fd); }
  int ioctl(int fd, std::uint32_t command, void* argument) override { return ::ioctl(fd, command, argument); }
  void* map(int fd, std::size_t bytes, std::uint64_t offset) override {
    void* address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
    return address == MAP_FAILED ? nullptr : address;
  }
  void unmap(void* address, std::size_t bytes) override { ::munmap(address, bytes); }
  Clock::time_point now() override { return Clock::now(); }
  void sleep(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }
};

}  // namespace

DriverCalls& kernel_calls() {
  static KernelCalls calls;
  return calls;
}

}  // namespace catapult
