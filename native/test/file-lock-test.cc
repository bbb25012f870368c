#include "../core/file-lock.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "../core/system-call.h"
#include "check.h"
#include "temporary-tree.h"

namespace {

using catapult::FileDescriptor;
using edgeslot::file_lock::try_lock;
using edgeslot::file_lock::unlock;
using edgeslot::file_lock::Wait;

struct File {
  test::TemporaryTree tree;
  std::string path = tree.file("lock");
  FileDescriptor open() const { return FileDescriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC)); }
};

struct Waiting {
  explicit Waiting(const FileDescriptor& file)
      : wait(file.get(), [this](int error) { promise.set_value(error); }), result(promise.get_future()) {}
  bool ended() const { return result.wait_for(std::chrono::seconds(10)) == std::future_status::ready; }
  std::promise<int> promise;
  Wait wait;
  std::future<int> result;
};

void test_one_holder() {
  File file;
  const FileDescriptor first = file.open();
  const FileDescriptor second = file.open();
  CHECK(try_lock(first.get()));
  CHECK(try_lock(first.get()));
  CHECK(!try_lock(second.get()));
  unlock(first.get());
  CHECK(try_lock(second.get()));
  CHECK(!try_lock(first.get()));
}

void test_wait_ends_with_the_lock() {
  File file;
  FileDescriptor first = file.open();
  const FileDescriptor second = file.open();
  CHECK(try_lock(first.get()));
  Waiting waiting(second);
  first = FileDescriptor(-1);  // closed, as by the death of its process
  CHECK(waiting.ended() && waiting.result.get() == 0);
  CHECK(!try_lock(file.open().get()));
  CHECK(waiting.wait.cancel());
  CHECK(!try_lock(file.open().get()));
}

// Cancelled before, while and after the thread blocks: the window in which a signal is lost is hit many times.
void test_cancel() {
  File file;
  const FileDescriptor first = file.open();
  CHECK(try_lock(first.get()));
  int cancelled = 0;
  for (int i = 0; i < 200; i++) {
    const FileDescriptor second = file.open();
    Waiting waiting(second);
    std::this_thread::sleep_for(std::chrono::microseconds(i));
    cancelled += waiting.wait.cancel() && waiting.ended() && waiting.result.get() == ECANCELED;
  }
  CHECK(cancelled == 200);
  CHECK(!try_lock(file.open().get()));
}

void test_cancel_against_unlock() {
  File file;
  int consistent = 0;
  for (int i = 0; i < 200; i++) {
    const FileDescriptor first = file.open();
    const FileDescriptor second = file.open();
    CHECK(try_lock(first.get()));
    Waiting waiting(second);
    unlock(first.get());
    waiting.wait.cancel();
    const bool locked = waiting.ended() && waiting.result.get() == 0;
    consistent += try_lock(file.open().get()) != locked;
  }
  CHECK(consistent == 200);
}

void test_failure() {
  int error = 0;
  try {
    try_lock(-1);
  } catch (const std::system_error& thrown) {
    error = thrown.code().value();
  }
  CHECK(error == EBADF);
  const FileDescriptor none(-1);
  Waiting waiting(none);
  CHECK(waiting.ended() && waiting.result.get() == EBADF);
}

}  // namespace

void test_file_lock() {
  test_one_holder();
  test_wait_ends_with_the_lock();
  test_cancel();
  test_cancel_against_unlock();
  test_failure();
}
