#include "file-lock.h"

#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

#include "system-call.h"

namespace edgeslot::file_lock {
namespace {

// Ignored by default, and sent to nobody by accident: a stray one before or after harms nothing.
constexpr int kWakeUp = SIGURG;
constexpr std::chrono::milliseconds kAgain{1};
constexpr int kAttempts = 1000;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// A handler that does nothing, without SA_RESTART, is what makes a blocked flock return EINTR.
void install_wake_up() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    ::sigemptyset(&action.sa_mask);
    if (::sigaction(kWakeUp, &action, nullptr) == -1) fail("sigaction");
  });
}

}  // namespace

bool try_lock(int fd) {
  if (catapult::retry_on_signal([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return true;
  if (errno != EWOULDBLOCK) fail("flock");
  return false;
}

void unlock(int fd) {
  if (catapult::retry_on_signal([&] { return ::flock(fd, LOCK_UN); }) == -1) fail("flock");
}

Wait::Wait(int fd, Done done) : shared_(std::make_shared<Shared>()) {
  install_wake_up();
  shared_->fd = fd;
  shared_->done = std::move(done);
  std::thread([shared = shared_] { run(shared); }).detach();
}

void Wait::run(const std::shared_ptr<Shared>& shared) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, kWakeUp);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  {
    const std::lock_guard guard(shared->mutex);
    shared->thread = ::pthread_self();
    shared->started = true;
  }
  int error = ECANCELED;
  while (!shared->cancelled) {
    error = ::flock(shared->fd, LOCK_EX) == 0 ? 0 : errno;
    if (error != EINTR) break;
    error = ECANCELED;
  }
  shared->done(error);
  const std::lock_guard guard(shared->mutex);
  shared->ended = true;
  shared->changed.notify_all();
}

bool Wait::cancel() {
  shared_->cancelled = true;
  std::unique_lock guard(shared_->mutex);
  // A signal that comes just before the call blocks is lost, so it is sent until the thread has ended.
  for (int attempt = 0; attempt < kAttempts && !shared_->ended; attempt++) {
    if (shared_->started) ::pthread_kill(shared_->thread, kWakeUp);
    shared_->changed.wait_for(guard, kAgain);
  }
  return shared_->ended;
}

}  // namespace edgeslot::file_lock
