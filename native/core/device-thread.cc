#include "device-thread.h"

#include <algorithm>
#include <utility>

namespace catapult {
namespace {

using std::chrono::milliseconds;

bool needs_reset(Status status) {
  return status == Status::timeout || status == Status::fault || status == Status::lost;
}

Status status_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const DeviceError& known) {
    return known.status();
  } catch (...) {
    return Status::fault;
  }
}

std::string counted(std::size_t bytes) { return std::to_string(bytes) + " bytes"; }

}  // namespace

DeviceThread::DeviceThread(std::unique_ptr<Engine> engine)
    : engine_(std::move(engine)),
      description_(engine_->description()),
      taken_(description_.slots),
      thread_([this] { work(); }) {}

DeviceThread::~DeviceThread() { close(); }

DeviceError DeviceThread::closed() const { return DeviceError(Status::cancelled, description_.path + " is closed"); }

void DeviceThread::expect_usable() const {
  if (closing_) throw closed();
  if (failure_) throw DeviceError(Status::fault, description_.path + " failed and was not reset");
}

SlotLease DeviceThread::take_slot(Granted granted) {
  const std::lock_guard lock(mutex_);
  expect_usable();
  for (std::uint32_t slot = 0; slot < taken_.size(); slot++) {
    if (taken_[slot]) continue;
    taken_[slot] = true;
    return SlotLease(*this, slot);
  }
  if (waiting_.size() >= taken_.size()) {
    throw DeviceError(Status::again, description_.path + ": " + std::to_string(waiting_.size()) +
                                         " requests wait for a slot already");
  }
  waiting_.push_back(std::move(granted));
  return {};
}

void DeviceThread::end_lease(std::uint32_t slot) {
  std::unique_lock lock(mutex_);
  if (engine_ && !failure_ && !closing_) engine_->discard(slot);
  if (waiting_.empty()) {
    taken_[slot] = false;
    return;
  }
  const Granted granted = std::move(waiting_.front());
  waiting_.pop_front();
  lock.unlock();
  granted(SlotLease(*this, slot), nullptr);
}

void DeviceThread::with_input(const SlotLease& slot, const std::function<void(std::span<std::byte>)>& use) {
  const std::shared_lock lock(memory_);
  if (!engine_) throw closed();
  use(engine_->input(slot.slot()));
}

void DeviceThread::with_output(const SlotLease& slot, const std::function<void(std::span<const std::byte>)>& use) {
  const std::shared_lock lock(memory_);
  if (!engine_) throw closed();
  use(engine_->output(slot.slot()));
}

std::shared_ptr<const Loaded> DeviceThread::loaded() const {
  const std::lock_guard lock(mutex_);
  expect_usable();
  if (!loaded_) throw DeviceError(Status::invalid, description_.path + " holds no network");
  return loaded_;
}

void DeviceThread::run(SlotLease slot, const std::shared_ptr<const Loaded>& loaded, milliseconds timeout, Done done) {
  const std::lock_guard lock(mutex_);
  if (loaded != loaded_) throw DeviceError(Status::invalid, description_.path + " holds another network by now");
  start(slot, Work::run, loaded->input.bytes(), 0, loaded->output.bytes(), timeout,
        [this, done = std::move(done)](SlotLease back, Outcome outcome) {
          if (!outcome.error) {
            const std::lock_guard counting(mutex_);
            counters_.runs++;
          }
          done(std::move(back), std::move(outcome));
        });
}

void DeviceThread::loop_back(SlotLease slot, std::size_t bytes_in, std::size_t bytes_out, milliseconds timeout,
                             Done done) {
  const std::lock_guard lock(mutex_);
  start(slot, Work::loopback, bytes_in, bytes_out, bytes_out, timeout, std::move(done));
}

void DeviceThread::ask_status(SlotLease slot, milliseconds timeout, Done done) {
  const std::lock_guard lock(mutex_);
  start(slot, Work::status, 0, 0, sizeof(es_role_status), timeout, std::move(done));
}

void DeviceThread::start(SlotLease& slot, Work work, std::size_t bytes, std::uint64_t argument,
                         std::size_t answer_bytes, milliseconds timeout, Done done) {
  expect_usable();
  const std::uint32_t number = slot.slot();
  expect_fits(number, bytes, answer_bytes);
  const Deadline deadline = engine_->now() + timeout;
  const std::uint64_t id = engine_->start(number, work, bytes, argument, timeout);
  add({false, std::move(slot), stop_,
       [this, number, id, deadline, answer_bytes](const Stop& stop) {
         const Answer answer = engine_->finish(number, id, deadline, stop);
         if (answer.bytes == answer_bytes) return Outcome{nullptr, answer, {}};
         throw DeviceError(Status::fault, description_.path + ": expected an answer of " + counted(answer_bytes) +
                                              ", found " + counted(answer.bytes));
       },
       std::move(done)});
}

void DeviceThread::expect_fits(std::uint32_t slot, std::size_t bytes_in, std::size_t bytes_out) const {
  const auto expect = [&](const char* what, std::size_t bytes, std::size_t most) {
    if (bytes <= most) return;
    throw DeviceError(Status::invalid, std::string(what) + ": expected at most " + counted(most) +
                                           ", what a slot holds, found " + counted(bytes));
  };
  expect("input", bytes_in, engine_->input(slot).size());
  expect("output", bytes_out, engine_->output(slot).size());
}

void DeviceThread::load(SlotLease slot, Network network, milliseconds timeout, StopFlag stop, Done done) {
  const std::lock_guard lock(mutex_);
  expect_usable();
  if (state_ != State::empty) {
    throw DeviceError(Status::busy, description_.path + " holds a network, or is being given one: unload it first");
  }
  const std::uint32_t number = slot.slot();
  const Deadline deadline = engine_->now() + timeout;
  state_ = State::loading;
  add({false, std::move(slot), std::move(stop),
       [this, number, deadline, network = std::move(network)](const Stop& stopped) {
         Outcome outcome;
         std::exception_ptr failed;
         try {
           outcome.load = engine_->load(number, network, deadline, stopped);
         } catch (...) {
           failed = std::current_exception();
         }
         const std::lock_guard loading(mutex_);
         state_ = failed ? State::empty : State::loaded;
         if (failed) std::rethrow_exception(failed);
         loaded_ = std::make_shared<Loaded>(Loaded{outcome.load.input, outcome.load.output});
         return outcome;
       },
       std::move(done)});
}

void DeviceThread::unload(SlotLease slot, milliseconds timeout, Done done) {
  const std::lock_guard lock(mutex_);
  expect_usable();
  if (state_ == State::loading) {
    throw DeviceError(Status::busy, description_.path + " is being given a network");
  }
  const std::uint32_t number = slot.slot();
  const Deadline deadline = engine_->now() + timeout;
  const bool nothing = state_ == State::empty;
  loaded_ = nullptr;  // what is under way ends before; nothing more comes behind
  add({false, std::move(slot), stop_,
       [this, number, deadline, nothing](const Stop& stop) {
         if (nothing) return Outcome{};
         try {
           engine_->unload(number, deadline, stop);
         } catch (const DeviceError& error) {
           if (needs_reset(error.status())) throw;
           throw DeviceError(Status::fault, error.what());  // what the card holds is not known
         }
         const std::lock_guard unloading(mutex_);
         state_ = State::empty;
         return Outcome{};
       },
       std::move(done)});
}

void DeviceThread::reset(Done done) {
  const std::lock_guard lock(mutex_);
  if (closing_) throw closed();
  if (std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.is_reset; })) {
    throw DeviceError(Status::again, description_.path + " is being reset already");
  }
  add({true, {}, stop_,
       [this](const Stop&) {
         engine_->reset();
         return Outcome{};
       },
       std::move(done)});
}

void DeviceThread::add(Job job) {
  jobs_.push_back(std::move(job));
  changed_.notify_one();
}

void DeviceThread::wake() {
  const std::lock_guard lock(mutex_);
  if (engine_ && !jobs_.empty() && jobs_.front().slot) engine_->wake(jobs_.front().slot.slot());
}

ShellHealth DeviceThread::health() const {
  const std::shared_lock lock(memory_);
  if (!engine_) throw closed();
  return engine_->health();
}

ThreadCounters DeviceThread::counters() const {
  const std::lock_guard lock(mutex_);
  ThreadCounters counters = counters_;
  if (engine_) {
    counters.stale_answers = engine_->stale_answers();
    counters.spurious_events = engine_->spurious_events();
  }
  counters.waiting = static_cast<std::uint32_t>(waiting_.size());
  counters.in_use = static_cast<std::uint32_t>(std::count(taken_.begin(), taken_.end(), true));
  return counters;
}

void DeviceThread::close() {
  const std::lock_guard closing(close_);
  if (!thread_.joinable()) return;
  std::deque<Granted> refused;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    refused.swap(waiting_);
    *stop_ = true;
    for (const Job& job : jobs_) *job.stop = true;
    if (!jobs_.empty() && jobs_.front().slot) engine_->wake(jobs_.front().slot.slot());
    changed_.notify_one();
  }
  for (const Granted& granted : refused) granted({}, std::make_exception_ptr(closed()));
  thread_.join();
  const ThreadCounters last = counters();
  const std::unique_lock alone(memory_);
  const std::lock_guard lock(mutex_);
  counters_ = last;
  engine_ = nullptr;
}

void DeviceThread::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job& first = jobs_.front();  // stays first, and in place: others only append
    lock.unlock();
    Outcome outcome = perform(first);
    lock.lock();
    std::deque<Granted> refused;
    settle_outcome(first, outcome, refused);
    {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      const std::exception_ptr error = outcome.error;
      job.done(std::move(job.slot), std::move(outcome));
      for (const Granted& granted : refused) granted({}, error);
    }
    lock.lock();
  }
}

/// What waits behind a failure fails with it: the card's order is not to be trusted then.
Outcome DeviceThread::perform(const Job& job) {
  try {
    if (*stop_) throw closed();
    if (failure_ && !job.is_reset) std::rethrow_exception(failure_);
    return job.task(*job.stop);
  } catch (...) {
    return {std::current_exception(), {}, {}};
  }
}

void DeviceThread::settle_outcome(const Job& job, const Outcome& outcome, std::deque<Granted>& refused) {
  if (!outcome.error) {
    if (!job.is_reset) return;
    counters_.resets++;
    failure_ = nullptr;
    loaded_ = nullptr;
    state_ = State::empty;
    return;
  }
  const Status status = status_of(outcome.error);
  if (status != Status::cancelled) counters_.failures++;
  if (!needs_reset(status)) return;
  failure_ = outcome.error;
  loaded_ = nullptr;
  refused.swap(waiting_);
}

}  // namespace catapult
