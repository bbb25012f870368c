// flock(2) on a descriptor that the caller owns: tried, given up, or waited for in a thread of its own, because the wait
// has no end of its own and no descriptor to poll.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include <pthread.h>

namespace edgeslot::file_lock {

/// False while another open file description has the lock. Throws std::system_error.
bool try_lock(int fd);

/// Throws std::system_error.
void unlock(int fd);

/// A wait for the exclusive lock. The descriptor must stay open until `done` was called.
class Wait {
 public:
  /// 0: locked; ECANCELED; or what flock said. Runs once, on the waiting thread.
  using Done = std::function<void(int error)>;

  /// Throws std::system_error when there can be no thread.
  Wait(int fd, Done done);
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  /// Cancels.
  ~Wait() { cancel(); }

  /// Ends the wait, mostly within a fraction of a millisecond; a lock that was got meanwhile stays got, and `done` says
  /// so. False when a file system does not let go of the thread within a second. Not from `done`; again is harmless.
  bool cancel();

 private:
  struct Shared {
    int fd;
    Done done;
    std::atomic<bool> cancelled{false};
    std::mutex mutex;
    std::condition_variable changed;
    bool started = false;
    bool ended = false;
    pthread_t thread{};
  };
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace edgeslot::file_lock
