#include "device-thread.h"

#include <utility>

#include "device-error.h"

namespace catapult {

DeviceThread::DeviceThread(Device& device)
    : device_(device), taken_(device.slots().used()), thread_([this] { run(); }) {}

DeviceThread::~DeviceThread() { close(); }

void DeviceThread::expect_open() const {
  if (closing_) throw DeviceError(Status::cancelled, device_.node().path() + " is closed");
}

std::uint64_t DeviceThread::submit(std::uint32_t slot, es_role_operation operation, std::uint32_t payload_bytes,
                                   std::uint64_t argument, std::chrono::milliseconds timeout, Done done) {
  const std::lock_guard lock(mutex_);
  expect_open();
  if (slot >= taken_.size()) {
    throw DeviceError(Status::invalid, "slot: expected one below " + std::to_string(taken_.size()) + ", found " +
                                           std::to_string(slot));
  }
  if (failure_) throw DeviceError(Status::fault, device_.node().path() + " failed and was not reset");
  if (taken_[slot] != 0) throw DeviceError(Status::again, "slot " + std::to_string(slot) + " is in use");
  const auto deadline = device_.node().calls().now() + timeout;
  const std::uint64_t id = device_.role().send(slot, operation, payload_bytes, argument);
  taken_[slot] = id;
  jobs_.push_back({id, slot, deadline, std::move(done)});
  changed_.notify_one();
  return id;
}

void DeviceThread::discard(std::uint32_t slot, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (id == 0 || slot >= taken_.size() || taken_[slot] != id) return;
  device_.role().discard(slot);
  taken_[slot] = 0;
}

void DeviceThread::reset(Done done) {
  const std::lock_guard lock(mutex_);
  expect_open();
  for (const Job& job : jobs_) {
    if (job.id == 0) throw DeviceError(Status::again, device_.node().path() + " is being reset already");
  }
  jobs_.push_back({0, 0, {}, std::move(done)});
  changed_.notify_one();
}

void DeviceThread::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    stop_ = true;
    if (!jobs_.empty()) device_.slots().wake(jobs_.front().slot);
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void DeviceThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job& job = jobs_.front();  // stays first, and in place: others only append
    lock.unlock();
    Outcome outcome = perform(job);
    lock.lock();
    if (outcome.error) {
      failure_ = outcome.error;
    } else if (job.id == 0) {
      failure_ = nullptr;
      taken_.assign(taken_.size(), 0);
    }
    const Done done = std::move(jobs_.front().done);
    jobs_.pop_front();
    lock.unlock();
    done(std::move(outcome));
    lock.lock();
  }
}

/// What waits behind a failure fails with it: the card's order is not to be trusted then.
Outcome DeviceThread::perform(const Job& job) {
  try {
    if (stop_) throw DeviceError(Status::cancelled, device_.node().path() + " was closed");
    if (job.id == 0) {
      device_.reset();
      return {};
    }
    if (failure_) std::rethrow_exception(failure_);
    return {nullptr, device_.role().receive(job.slot, job.id, job.deadline, stop_)};
  } catch (...) {
    return {std::current_exception()};
  }
}

}  // namespace catapult
