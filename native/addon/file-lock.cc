#include "file-lock.h"

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "../core/file-lock.h"
#include "../core/system-call.h"

namespace edgeslot {
namespace {

int descriptor(const Napi::CallbackInfo& info, const char* function) {
  const int fd = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
  if (fd < 0) throw Napi::TypeError::New(info.Env(), std::string(function) + ": expected the number of an open file");
  return fd;
}

Napi::Error to_error(Napi::Env env, int number) {
  Napi::Error error = Napi::Error::New(env, catapult::failure("flock", number));
  error.Set("errno", Napi::Number::New(env, -number));
  return error;
}

/// One wait. It keeps itself until it has ended, or until its environment does.
class LockWait {
 public:
  static Napi::Function begin(Napi::Env env, int fd, const Napi::Function& done) {
    auto self = std::make_shared<LockWait>();
    self->done_ = Napi::ThreadSafeFunction::New(env, done, "edgeslot.waitForLock", 0, 1);
    try {
      self->wait_ = std::make_unique<file_lock::Wait>(fd, [raw = self.get()](int error) { raw->ended(error); });
    } catch (...) {
      self->done_.Release();
      throw;
    }
    // A thread that still waits must not outlive what it reports to.
    self->hook_ = std::make_unique<Hook>(env.AddCleanupHook(&LockWait::abandon, self.get()));
    self->self_ = self;
    return Napi::Function::New(env, [self](const Napi::CallbackInfo&) { self->wait_->cancel(); }, "cancel");
  }

 private:
  using Hook = Napi::Env::CleanupHook<void (*)(LockWait*), LockWait>;

  static void abandon(LockWait* wait) {
    const std::shared_ptr<LockWait> self = std::move(wait->self_);
    // A thread that a file system does not let go may still call: what it would call is kept for good.
    if (!wait->wait_->cancel()) new std::shared_ptr<LockWait>(self);
  }

  // On the waiting thread. What it tells reaches the event loop later, where the wait is let go.
  void ended(int error) {
    done_.NonBlockingCall([this, error](Napi::Env env, Napi::Function done) {
      const std::shared_ptr<LockWait> self = std::move(self_);
      wait_->cancel();
      hook_->Remove(env);
      const bool failed = error != 0 && error != ECANCELED;
      done.Call({failed ? to_error(env, error).Value() : env.Null(), Napi::Boolean::New(env, error == 0)});
    });
    done_.Release();
  }

  Napi::ThreadSafeFunction done_;
  std::unique_ptr<file_lock::Wait> wait_;
  std::unique_ptr<Hook> hook_;
  std::shared_ptr<LockWait> self_;
};

}  // namespace

Napi::Value TryLock(const Napi::CallbackInfo& info) {
  try {
    return Napi::Boolean::New(info.Env(), file_lock::try_lock(descriptor(info, "tryLock")));
  } catch (const std::system_error& error) {
    throw to_error(info.Env(), error.code().value());
  }
}

void Unlock(const Napi::CallbackInfo& info) {
  try {
    file_lock::unlock(descriptor(info, "unlock"));
  } catch (const std::system_error& error) {
    throw to_error(info.Env(), error.code().value());
  }
}

Napi::Value WaitForLock(const Napi::CallbackInfo& info) {
  const int fd = descriptor(info, "waitForLock");
  if (!info[1].IsFunction()) throw Napi::TypeError::New(info.Env(), "waitForLock: expected a function to call");
  try {
    return LockWait::begin(info.Env(), fd, info[1].As<Napi::Function>());
  } catch (const std::system_error& error) {
    throw to_error(info.Env(), error.code().value());
  }
}

}  // namespace edgeslot
