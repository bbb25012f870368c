// What every system call of this library needs: retry on a signal, close at scope end, errno in words.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace catapult {

/// Runs `call` again while a signal interrupts it; returns its last result, errno as it left it.
template <typename Call>
auto retry_on_signal(Call&& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// Owns a file descriptor; close is not retried (on Linux the descriptor is gone even after EINTR).
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// `EACCES (Permission denied)`; the number where the name is not one we expect.
std::string errno_text(int error);

/// `what: EACCES (Permission denied)`.
std::string failure(const std::string& what, int error);

}  // namespace catapult
