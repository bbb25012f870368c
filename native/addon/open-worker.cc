#include "open-worker.h"

#include <utility>

#include "../core/device-error.h"
#include "arguments.h"
#include "environment.h"

namespace edgeslot {
namespace {

/// Runs on the libuv pool: rare, and settling a card takes 50 ms to 10 s.
class OpenWorker final : public Napi::AsyncWorker {
 public:
  OpenWorker(Napi::Env env, catapult::OpenOptions options)
      : Napi::AsyncWorker(env, "edgeslot.open"), options_(std::move(options)), promise_(env) {}
  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  void Execute() override {
    try {
      card_ = OpenCard::open(options_);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void OnOK() override {
    if (error_) {
      promise_.Reject(Environment::error_value(Env(), error_));
    } else {
      promise_.Resolve(Environment::new_card(Env(), card_, true));
    }
  }

  const catapult::OpenOptions options_;
  std::shared_ptr<OpenCard> card_;
  std::exception_ptr error_;
  Napi::Promise::Deferred promise_;
};

}  // namespace

Napi::Value open_card(const Napi::CallbackInfo& info) {
  const Napi::Object given = object_argument(info[0], "options");
  catapult::OpenOptions options;
  options.path = text_argument(given.Get("path"), "path");
  options.sysfs = text_argument(given.Get("sysfs"), "sysfs");
  options.epoch = static_cast<std::uint32_t>(number_argument(given.Get("epoch"), "epoch", UINT32_MAX));
  options.slots = static_cast<std::uint32_t>(number_argument(given.Get("slots"), "slots", UINT32_MAX));
  options.driver_library = text_argument(given.Get("driverLibrary"), "driverLibrary");
  options.driver_owner = static_cast<uid_t>(number_argument(given.Get("driverOwner"), "driverOwner", UINT32_MAX));
  auto* worker = new OpenWorker(info.Env(), std::move(options));
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Value attach_card(const Napi::CallbackInfo& info) {
  const auto token = static_cast<std::uint32_t>(number_argument(info[0], "token", UINT32_MAX));
  if (const auto card = OpenCard::find(token)) return Environment::new_card(info.Env(), card, false);
  const catapult::DeviceError closed(catapult::Status::cancelled, "the card " + std::to_string(token) + " is closed");
  throw Napi::Error(info.Env(), Environment::error_value(info.Env(), std::make_exception_ptr(closed)));
}

Napi::Value use_error_class(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) refuse(info.Env(), "errorClass", "a constructor");
  Environment::set_error_class(info.Env(), info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

}  // namespace edgeslot
