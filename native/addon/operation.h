// Something that JavaScript asked of a card and waits for.
#pragma once

#include <napi.h>

#include <chrono>
#include <memory>

#include "open-card.h"

namespace edgeslot {

class Operation {
 public:
  Operation(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  OpenCard& card() const { return *card_; }
  const std::shared_ptr<OpenCard>& shared_card() const { return card_; }
  Napi::Promise::Deferred& promise() { return promise_; }

  virtual bool needs_slot() const { return true; }

  /// In JavaScript's thread: fills the slot and gives it away. Throws catapult::DeviceError, Napi::Error.
  virtual void start(Napi::Env env, catapult::SlotLease slot, catapult::DeviceThread::Done done) = 0;

  /// In JavaScript's thread, what the promise resolves with; the slot still holds the answer.
  virtual Napi::Value result(Napi::Env env, const catapult::SlotLease& slot, const catapult::Outcome& outcome) = 0;

  /// Whether giving it up ends it at once; else it ends soon, with an error.
  virtual bool cancel() { return true; }

 private:
  const Napi::ObjectReference object_;  // a card whose answer is waited for is not collected
  const std::shared_ptr<OpenCard> card_;
  Napi::Promise::Deferred promise_;
};

using MakeOperation = std::unique_ptr<Operation> (*)(const Napi::CallbackInfo&, std::shared_ptr<OpenCard>);

/// From a call's arguments, the first of which is the operation's number; a TypeError for wrong ones.
std::unique_ptr<Operation> make_run(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
std::unique_ptr<Operation> make_loopback(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
std::unique_ptr<Operation> make_status(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
std::unique_ptr<Operation> make_load(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
std::unique_ptr<Operation> make_unload(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);
std::unique_ptr<Operation> make_reset(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card);

}  // namespace edgeslot
