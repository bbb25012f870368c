#include "probe-worker.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../core/probe.h"
#include "optional-property.h"
#include "tell.h"

namespace edgeslot {
namespace {

Napi::Object to_object(Napi::Env env, const catapult::Node& node) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("path", node.path);
  if (node.driver) object.Set("driver", catapult::version_text(*node.driver));
  set(object, "functionType", node.identity.function_type);
  set(object, "shellVersion", node.identity.shell_version);
  set(object, "shellId", node.identity.shell_id);
  set(object, "roleId", node.identity.role_id);
  set(object, "boardId", node.identity.board_id);
  set(object, "chipId", node.identity.chip_id);
  if (node.identity.temperature) object.Set("temperature", *node.identity.temperature);
  if (node.slots) {
    object.Set("slots", node.slots->slots);
    object.Set("bytesPerSlot", node.slots->bytes_per_slot);
  }
  set(object, "error", node.error);
  return object;
}

/// Runs the probe on the libuv pool: rare and short, and a driver may take its time to open.
class ProbeWorker final : public Napi::AsyncWorker {
 public:
  ProbeWorker(Napi::Env env, catapult::ProbeOptions options)
      : Napi::AsyncWorker(env, "edgeslot.probe"), options_(std::move(options)), promise_(env) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  void Execute() override { nodes_ = catapult::probe(options_); }

  void OnOK() override {
    tell([this] {
      Napi::Array list = Napi::Array::New(Env(), nodes_.size());
      for (std::uint32_t i = 0; i < nodes_.size(); i++) list.Set(i, to_object(Env(), nodes_[i]));
      promise_.Resolve(list);
    });
  }

  void OnError(const Napi::Error& error) override {
    tell([&] { promise_.Reject(error.Value()); });
  }

  const catapult::ProbeOptions options_;
  std::vector<catapult::Node> nodes_;
  Napi::Promise::Deferred promise_;
};

std::string path_option(const Napi::Object& options, const char* key) {
  const Napi::Value value = options.Get(key);
  if (!value.IsString()) {
    throw Napi::TypeError::New(options.Env(), std::string("probe: ") + key + ": expected the path of a directory");
  }
  return value.As<Napi::String>();
}

}  // namespace

Napi::Value Probe(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "probe: expected {devDir, sysfsDir}");
  const Napi::Object options = info[0].As<Napi::Object>();
  catapult::ProbeOptions where;
  where.dev_dir = path_option(options, "devDir");
  where.sysfs_dir = path_option(options, "sysfsDir");
  auto* worker = new ProbeWorker(info.Env(), std::move(where));
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

}  // namespace edgeslot
