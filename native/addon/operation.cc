#include "operation.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "../core/device-error.h"
#include "arguments.h"
#include "network-argument.h"

namespace edgeslot {
namespace {

using catapult::DeviceThread;
using catapult::Outcome;
using catapult::SlotLease;
using std::chrono::milliseconds;

constexpr std::uint64_t kMostMilliseconds = 3'600'000;
constexpr milliseconds kShortRequest{10'000};

milliseconds time_argument(const Napi::Value& value) {
  return milliseconds(number_argument(value, "timeoutMs", kMostMilliseconds));
}

template <typename T>
using ArrayReference = Napi::Reference<Napi::TypedArrayOf<T>>;

template <typename T>
ArrayReference<T> hold(const Napi::Value& value, const char* field) {
  array_argument<T>(value, field);
  return Napi::Persistent(value.As<Napi::TypedArrayOf<T>>());
}

/// The array's memory as it is now: whoever transferred it meanwhile has left nothing.
template <typename T>
std::span<T> elements(const ArrayReference<T>& array, const char* field, std::size_t expected) {
  const std::span<T> now = array_argument<T>(array.Value(), field);
  if (now.size() == expected) return now;
  throw catapult::DeviceError(catapult::Status::invalid, std::string(field) + ": expected " +
                                                             std::to_string(expected) + " numbers, found " +
                                                             std::to_string(now.size()));
}

Napi::Object report(Napi::Env env, const catapult::Answer& answer) {
  Napi::Object report = Napi::Object::New(env);
  if (answer.modelled_ns != 0) report.Set("modelledNs", static_cast<double>(answer.modelled_ns));
  if (answer.measured_ns != 0) report.Set("measuredNs", static_cast<double>(answer.measured_ns));
  return report;
}

/// (input, output, timeoutMs)
class Run final : public Operation {
 public:
  Run(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card)
      : Operation(info, std::move(card)),
        input_(hold<float>(info[1], "input")),
        output_(hold<float>(info[2], "output")),
        timeout_(time_argument(info[3])) {}

  void start(Napi::Env, SlotLease slot, DeviceThread::Done done) override {
    DeviceThread& thread = card().thread();
    loaded_ = thread.loaded();
    const auto floats = elements(input_, "input", loaded_->input.values());
    elements(output_, "output", loaded_->output.values());
    thread.with_input(slot, [&](std::span<std::byte> memory) { to_card(loaded_->input, floats, memory); });
    thread.run(std::move(slot), loaded_, timeout_, std::move(done));
  }

  Napi::Value result(Napi::Env env, const SlotLease& slot, const Outcome& outcome) override {
    const auto floats = elements(output_, "output", loaded_->output.values());
    card().thread().with_output(
        slot, [&](std::span<const std::byte> memory) { from_card(loaded_->output, memory, floats); });
    return report(env, outcome.answer);
  }

 private:
  const ArrayReference<float> input_;
  const ArrayReference<float> output_;
  const milliseconds timeout_;
  std::shared_ptr<const catapult::Loaded> loaded_;
};

/// (input, output, timeoutMs)
class Loopback final : public Operation {
 public:
  Loopback(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card)
      : Operation(info, std::move(card)),
        input_(hold<std::uint8_t>(info[1], "input")),
        output_(hold<std::uint8_t>(info[2], "output")),
        timeout_(time_argument(info[3])),
        bytes_in_(input_.Value().ElementLength()),
        bytes_out_(output_.Value().ElementLength()) {
    if (bytes_in_ == 0) refuse(info.Env(), "input", "at least one byte");
  }

  void start(Napi::Env, SlotLease slot, DeviceThread::Done done) override {
    const auto bytes = elements(input_, "input", bytes_in_);
    card().thread().with_input(slot, [&](std::span<std::byte> memory) {
      std::memcpy(memory.data(), bytes.data(), std::min(bytes.size(), memory.size()));  // too many are refused next
    });
    card().thread().loop_back(std::move(slot), bytes_in_, bytes_out_, timeout_, std::move(done));
  }

  Napi::Value result(Napi::Env env, const SlotLease& slot, const Outcome& outcome) override {
    const auto bytes = elements(output_, "output", bytes_out_);
    card().thread().with_output(slot, [&](std::span<const std::byte> memory) {
      std::memcpy(bytes.data(), memory.data(), bytes.size());
    });
    return report(env, outcome.answer);
  }

 private:
  const ArrayReference<std::uint8_t> input_;
  const ArrayReference<std::uint8_t> output_;
  const milliseconds timeout_;
  const std::size_t bytes_in_;
  const std::size_t bytes_out_;
};

class StatusRequest final : public Operation {
 public:
  using Operation::Operation;

  void start(Napi::Env, SlotLease slot, DeviceThread::Done done) override {
    card().thread().ask_status(std::move(slot), kShortRequest, std::move(done));
  }

  Napi::Value result(Napi::Env env, const SlotLease& slot, const Outcome&) override {
    es_role_status status;
    card().thread().with_output(
        slot, [&](std::span<const std::byte> memory) { std::memcpy(&status, memory.data(), sizeof status); });
    constexpr const char* states[] = {"empty", "firmware", "receiving", "compiling", "ready"};
    Napi::Object object = Napi::Object::New(env);
    object.Set("state", status.state < std::size(states) ? states[status.state] : "unknown");
    object.Set("loads", static_cast<double>(status.loads));
    object.Set("runs", static_cast<double>(status.runs));
    object.Set("failures", static_cast<double>(status.failures));
    object.Set("text", std::string(status.text, ::strnlen(status.text, sizeof status.text)));
    return object;
  }
};

/// (network, timeoutMs)
class Load final : public Operation {
 public:
  Load(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card)
      : Operation(info, std::move(card)), network_(network_argument(info[1])), timeout_(time_argument(info[2])) {}

  void start(Napi::Env, SlotLease slot, DeviceThread::Done done) override {
    card().thread().load(std::move(slot), network_, timeout_, stop_, std::move(done));
  }

  Napi::Value result(Napi::Env env, const SlotLease&, const Outcome& outcome) override {
    Napi::Object object = Napi::Object::New(env);
    if (outcome.load.modelled_ns != 0) {
      object.Set("modelledMs", static_cast<double>(outcome.load.modelled_ns) / 1e6);
    }
    object.Set("measuredMs", static_cast<double>(outcome.load.measured_ns) / 1e6);
    object.Set("requests", outcome.load.requests);
    object.Set("bytes", static_cast<double>(network_.bytes));
    return object;
  }

  bool cancel() override {
    *stop_ = true;
    card().thread().wake();
    return false;  // it ends when the card is empty
  }

 private:
  const catapult::Network network_;
  const milliseconds timeout_;
  const DeviceThread::StopFlag stop_ = std::make_shared<catapult::Stop>(false);
};

class Unload final : public Operation {
 public:
  using Operation::Operation;

  void start(Napi::Env, SlotLease slot, DeviceThread::Done done) override {
    card().thread().unload(std::move(slot), kShortRequest, std::move(done));
  }
  Napi::Value result(Napi::Env env, const SlotLease&, const Outcome&) override { return env.Undefined(); }
};

class Reset final : public Operation {
 public:
  using Operation::Operation;

  bool needs_slot() const override { return false; }
  void start(Napi::Env, SlotLease, DeviceThread::Done done) override { card().thread().reset(std::move(done)); }
  Napi::Value result(Napi::Env env, const SlotLease&, const Outcome&) override { return env.Undefined(); }
};

}  // namespace

Operation::Operation(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card)
    : object_(Napi::Persistent(info.This().As<Napi::Object>())), card_(std::move(card)), promise_(info.Env()) {}

std::unique_ptr<Operation> make_run(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<Run>(info, std::move(card));
}

std::unique_ptr<Operation> make_loopback(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<Loopback>(info, std::move(card));
}

std::unique_ptr<Operation> make_status(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<StatusRequest>(info, std::move(card));
}

std::unique_ptr<Operation> make_load(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<Load>(info, std::move(card));
}

std::unique_ptr<Operation> make_unload(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<Unload>(info, std::move(card));
}

std::unique_ptr<Operation> make_reset(const Napi::CallbackInfo& info, std::shared_ptr<OpenCard> card) {
  return std::make_unique<Reset>(info, std::move(card));
}

}  // namespace edgeslot
