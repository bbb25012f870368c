#include "library-engine.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "device-error.h"
#include "image-file.h"
#include "slots.h"

namespace catapult {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kBufferBytes = 1024 * 1024;  // a slot of the public driver; no message of a card is larger
constexpr std::uint32_t kMostCards = 16;
constexpr std::uint32_t kCloseMs = 2'000;

Status status_of(int status) {
  const bool known = status <= EDGESLOT_INVALID && status >= EDGESLOT_LOST;
  return known ? static_cast<Status>(status) : Status::fault;
}

std::uint32_t left_ms(Deadline deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - DriverCalls::Clock::now());
  return static_cast<std::uint32_t>(std::max<milliseconds::rep>(left.count(), 1));
}

template <std::size_t Size>
std::string text(const char (&field)[Size]) {
  return std::string(field, ::strnlen(field, Size));
}

edgeslot_device_info find_card(const edgeslot_driver& table, const std::string& path) {
  std::vector<edgeslot_device_info> found(kMostCards);
  for (edgeslot_device_info& info : found) info.size = sizeof info;
  std::uint32_t count = 0;
  const int status = table.enumerate(found.data(), kMostCards, &count);
  if (status != EDGESLOT_OK) {
    throw DeviceError(status_of(status), std::string(table.name) + ": enumerate: " + status_name(status_of(status)));
  }
  found.resize(std::min(count, kMostCards));
  const auto is_it = [&](const edgeslot_device_info& info) { return text(info.node) == path || text(info.id) == path; };
  const auto it = std::find_if(found.begin(), found.end(), is_it);
  if (it != found.end()) return *it;
  std::string names;
  for (const auto& info : found) names += (names.empty() ? "" : ", ") + text(info.node[0] != 0 ? info.node : info.id);
  throw DeviceError(Status::no_device, std::string(table.name) + " knows no card " + path + ", only: " +
                                           (names.empty() ? "none" : names));
}

bool is_character_device(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
}

std::string shape_text(const edgeslot_tensor& tensor) {
  return std::to_string(tensor.bytes) + " bytes of type " + std::to_string(tensor.type) + ", layout " +
         std::to_string(tensor.layout);
}

}  // namespace

LibraryEngine::LibraryEngine(DriverLibrary library, const LibraryOptions& options)
    : library_(std::move(library)), hold_(options.path), sysfs_(options.sysfs), ids_(options.epoch) {
  const edgeslot_device_info found = find_card(table_, options.path);
  description_ = {options.path,
                  is_character_device(text(found.node)),
                  {},
                  options.slots,
                  kBufferBytes,
                  read_identity(sysfs_),
                  Description::Library{library_.path, library_.sha256, table_.name, table_.version}};
  const auto& function = description_.identity.function_type;
  if (function && *function != "role") {
    throw DeviceError(Status::incompatible,
                      options.path + " is not the role function, which runs the models, but: " + *function);
  }
  if (!description_.identity.role_id && found.role_id[0] != 0) description_.identity.role_id = text(found.role_id);
  host_ = {sizeof host_, 0, this, log};
  expect_ok("open", table_.open(text(found.id).c_str(), 0, &host_, &device_));
  try {
    allocate(options.slots);
  } catch (...) {
    close();
    throw;
  }
}

LibraryEngine::~LibraryEngine() { close(); }

void LibraryEngine::allocate(std::uint32_t slots) {
  for (std::uint32_t slot = 0; slot < slots; slot++) {
    for (auto [buffers, direction] : {std::pair(&inputs_, EDGESLOT_TO_CARD), std::pair(&outputs_, EDGESLOT_FROM_CARD)}) {
      edgeslot_buffer buffer{};
      buffer.size = sizeof buffer;
      expect_ok("allocate", table_.allocate(device_, kBufferBytes, direction, &buffer));
      buffers->push_back(buffer);
      if (buffer.data == nullptr || buffer.bytes < kBufferBytes) {
        throw DeviceError(Status::incompatible, description_.path + ": allocate: expected " +
                                                    std::to_string(kBufferBytes) + " bytes, found " +
                                                    std::to_string(buffer.bytes));
      }
    }
  }
}

void LibraryEngine::close() {
  if (edgeslot_model* model = model_.exchange(nullptr)) table_.unload(device_, model, kCloseMs);
  for (auto* buffers : {&inputs_, &outputs_}) {
    for (edgeslot_buffer& buffer : *buffers) table_.release(device_, &buffer);
    buffers->clear();
  }
  table_.close(device_, EDGESLOT_CLOSE_AT_ONCE, kCloseMs);
}

/// Of what a library says, only errors are kept: they tell why a call failed, better than its number.
void LibraryEngine::log(void* context, std::int32_t level, const char* text) {
  if (level != EDGESLOT_LOG_ERROR || text == nullptr) return;
  const auto* engine = static_cast<const LibraryEngine*>(context);
  const std::lock_guard lock(engine->said_mutex_);
  engine->said_.assign(text, ::strnlen(text, 500));
}

void LibraryEngine::expect_ok(const char* what, int status) const {
  std::string said;
  {
    const std::lock_guard lock(said_mutex_);
    said.swap(said_);
  }
  if (status == EDGESLOT_OK) return;
  const char* described = table_.describe != nullptr ? table_.describe(status) : nullptr;
  std::string message = description_.path + ": " + table_.name + ": " + what + ": " + status_name(status_of(status));
  if (described != nullptr) message += std::string(": ") + described;
  if (!said.empty()) message += ": " + said;
  throw DeviceError(status_of(status), message);
}

std::uint64_t LibraryEngine::start(std::uint32_t slot, Work work, std::size_t bytes, std::uint64_t,
                                   milliseconds timeout) {
  if (work != Work::run) {
    throw DeviceError(Status::not_supported, description_.path + ": a vendor's library only runs networks");
  }
  edgeslot_model* const model = model_;
  if (model == nullptr) throw DeviceError(Status::invalid, description_.path + " holds no network");
  edgeslot_buffer input = inputs_[slot];
  input.bytes = bytes;
  const std::uint64_t id = ids_.next();
  const edgeslot_request request{sizeof request, static_cast<std::uint32_t>(timeout.count()), id, &input,
                                 &outputs_[slot]};
  {
    const std::lock_guard lock(pending_mutex_);
    pending_.insert(id);
  }
  const int status = table_.submit(device_, model, &request);
  if (status != EDGESLOT_OK) forget(id);
  expect_ok("submit", status);
  return id;
}

bool LibraryEngine::forget(std::uint64_t id) {
  const std::lock_guard lock(pending_mutex_);
  return pending_.erase(id) != 0;
}

Answer LibraryEngine::finish(std::uint32_t, std::uint64_t id, Deadline deadline, const Stop& stop) {
  for (;;) {
    const auto it = done_.find(id);
    if (it != done_.end()) {
      const edgeslot_completion done = it->second;
      done_.erase(it);
      expect_ok("run", done.status);
      return {static_cast<std::size_t>(done.output_bytes), 0, done.device_ns};
    }
    if (stop) throw DeviceError(Status::cancelled, description_.path + ": the wait was given up");
    if (now() >= deadline) throw DeviceError(Status::timeout, description_.path + ": no answer in time");
    reap(std::min(milliseconds(left_ms(deadline)), kWaitSlice));
  }
}

void LibraryEngine::reap(milliseconds time) {
  edgeslot_completion done[4] = {};
  for (edgeslot_completion& one : done) one.size = sizeof one;
  std::uint32_t count = 0;
  const int status =
      table_.reap(device_, done, std::size(done), static_cast<std::uint32_t>(time.count()), &count);
  if (status == EDGESLOT_TIMEOUT) return;
  expect_ok("reap", status);
  for (const edgeslot_completion& one : std::span(done).first(std::min<std::size_t>(count, std::size(done)))) keep(one);
}

/// Completions of another epoch, or of requests that a reset has ended, are nobody's.
void LibraryEngine::keep(const edgeslot_completion& done) {
  if (forget(done.id)) {
    done_[done.id] = done;
  } else {
    stale_answers_++;
  }
}

void LibraryEngine::wake(std::uint32_t) const { table_.wake(device_); }

CardTensor LibraryEngine::checked(const char* what, CardTensor tensor, const edgeslot_tensor& given) const {
  tensor.half = given.type == EDGESLOT_FLOAT16;
  tensor.interleaved = given.layout == EDGESLOT_INTERLEAVED_128;
  const bool known = (tensor.half || given.type == EDGESLOT_FLOAT32) && given.layout <= EDGESLOT_INTERLEAVED_128;
  const bool fits = given.bytes == tensor.bytes() && given.bytes <= kBufferBytes;
  if (known && fits && (tensor.border == 0 || !tensor.interleaved)) return tensor;
  throw DeviceError(Status::incompatible, description_.path + ": " + what + ": expected " +
                                              std::to_string(tensor.bytes()) + " bytes, a plain tensor of " +
                                              std::to_string(tensor.rows) + "x" + std::to_string(tensor.columns) +
                                              "x" + std::to_string(tensor.channels) + ", found " + shape_text(given));
}

LoadReport LibraryEngine::load(std::uint32_t, const Network& network, Deadline deadline, const Stop& stop) {
  const ImageFile file(network);
  const ImageMapping mapping(file);
  edgeslot_image image{sizeof image, ids_.epoch(), mapping.data(), network.bytes, network.manifest.c_str(), {}};
  std::copy(network.sha256.begin(), network.sha256.end(), image.sha256);
  const auto started = now();
  edgeslot_model* model = nullptr;
  expect_ok("load", table_.load(device_, &image, left_ms(deadline), &model));
  try {
    edgeslot_tensor input{}, output{};
    input.size = output.size = sizeof(edgeslot_tensor);
    expect_ok("tensors", table_.tensors(model, &input, &output));
    LoadReport report;
    report.input = checked("input", input_of(network.firmware), input);
    report.output = checked("output", output_of(network.firmware), output);
    report.measured_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now() - started).count());
    report.requests = 1;
    if (stop) throw DeviceError(Status::cancelled, description_.path + ": given up");
    model_ = model;
    return report;
  } catch (...) {
    expect_ok("unload", table_.unload(device_, model, kCloseMs));
    throw;
  }
}

void LibraryEngine::unload(std::uint32_t, Deadline deadline, const Stop&) {
  if (edgeslot_model* model = model_.exchange(nullptr)) {
    expect_ok("unload", table_.unload(device_, model, left_ms(deadline)));
  }
}

void LibraryEngine::reset() {
  model_ = nullptr;
  expect_ok("reset", table_.reset(device_, EDGESLOT_RESET_ROLE));
  done_.clear();
  const std::lock_guard lock(pending_mutex_);
  pending_.clear();
}

ShellHealth LibraryEngine::health() const {
  ShellHealth health;
  if (table_.health == nullptr) {
    const auto text = read_attribute(sysfs_ + "/temperature");
    if (const auto degrees = text ? parse_temperature(*text) : std::nullopt) {
      health.temperature = static_cast<int>(*degrees);
    }
    health.text = "ok, as far as is known: the library tells nothing";
    return health;
  }
  edgeslot_health given{};
  given.size = sizeof given;
  given.temperature_millicelsius = INT32_MIN;
  expect_ok("health", table_.health(device_, &given));
  health.severity = static_cast<Severity>(std::min(given.severity, static_cast<std::uint32_t>(Severity::return_board)));
  if (given.temperature_millicelsius != INT32_MIN) health.temperature = given.temperature_millicelsius / 1000;
  health.memory_errors = static_cast<std::uint32_t>(std::min<std::uint64_t>(given.memory_errors, UINT32_MAX));
  health.text = text(given.text);
  return health;
}

}  // namespace catapult
